// iptables' legacy back end, in the network namespace that the caller is in. Only tables that exist
// already are touched: asking for another one would make the kernel create it.
#pragma once

#include "base/error.h"
#include "netlink/packet_filter.h"

#include <functional>
#include <string>
#include <vector>

namespace netlink {

class Xtables {
 public:
  // `lock_file`: what iptables and kube-proxy lock while they change a table, /run/xtables.lock.
  explicit Xtables(std::string lock_file) : lock_file_(std::move(lock_file)) {}

  base::Result<std::vector<FilterTable>> tables() const;
  // Deletes all of it or nothing; parts that are gone already are not an error. Conflict while
  // another process has the lock: try again.
  base::Result<void> cut(const FilterCut& cut) const;
  base::Result<void> rename(const FilterRename& rename) const;

 private:
  base::Result<void> locked(const std::function<base::Result<void>()>& change) const;

  std::string lock_file_;
};

}  // namespace netlink
