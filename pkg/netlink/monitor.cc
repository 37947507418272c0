#include "netlink/monitor.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace netlink {
namespace {

constexpr unsigned kGroups =
    RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;

void read_all(int fd) {
  std::array<char, 65536> buffer;
  // An overflow (ENOBUFS) is a change like any other: the caller reads the whole state anyway.
  while (recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
  }
}

}  // namespace

base::Result<Monitor> Monitor::open() {
  auto socket = Socket::open(NETLINK_ROUTE, kGroups);
  if (!socket) return tl::unexpected(socket.error());
  return Monitor(std::move(*socket));
}

bool Monitor::wait(base::Duration timeout) {
  pollfd waiting{socket_.descriptor(), POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) return false;
  read_all(socket_.descriptor());
  return true;
}

}  // namespace netlink
