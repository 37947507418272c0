// Runs iproute2 and iptables. The stand-in does not use pkg/netlink: a fault there would be on both
// sides of what it checks, and would not show.
#pragma once

#include "base/error.h"
#include "json/value.h"

#include <string>
#include <vector>

namespace stand_in {

// The output; Internal with what the program said when it ends with another code than 0.
base::Result<std::string> run(const std::vector<std::string>& command,
                              const std::string& input = "");

// Lines of `ip -batch`, in order; stops at the first that is refused.
base::Result<void> ip_batch(const std::vector<std::string>& lines);
base::Result<void> bridge_batch(const std::vector<std::string>& lines);

// `ip -json -details ...`, or `bridge -json ...`: a list.
base::Result<json::Document> ip_query(const std::vector<std::string>& arguments);
base::Result<json::Document> bridge_query(const std::vector<std::string>& arguments);

// In the calling thread, the network namespace that a file names; back again at the end.
class InNamespace {
 public:
  static base::Result<InNamespace> enter(const std::string& path);
  InNamespace(InNamespace&& other) noexcept : home_(other.home_) { other.home_ = -1; }
  InNamespace(const InNamespace&) = delete;
  ~InNamespace();

 private:
  explicit InNamespace(int home) : home_(home) {}
  int home_;
};

base::Result<void> write_file(const std::string& path, const std::string& text, int mode = 0644);

}  // namespace stand_in
