// Lists and destroys the kernel's ipsets.
#pragma once

#include "netlink/socket.h"

#include <string>
#include <string_view>
#include <vector>

namespace netlink {

class IpSets {
 public:
  static base::Result<IpSets> open();

  // Empty if the kernel has no ipset module.
  base::Result<std::vector<std::string>> names();
  // Conflict while a rule or another set refers to it.
  base::Result<void> destroy(std::string_view name);

 private:
  explicit IpSets(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

}  // namespace netlink
