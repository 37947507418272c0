// Settings on a tunnel device that are lost while it is down.
#pragma once

#include "netlink/address.h"
#include "netlink/neighbour.h"
#include "netlink/route.h"

#include <vector>

namespace hostnet {

struct DeviceState {
  std::vector<netlink::Address> addresses;
  std::vector<netlink::Route> routes;
  std::vector<netlink::Neighbour> neighbours;
  std::vector<netlink::FdbEntry> fdb;
  bool operator==(const DeviceState&) const = default;
};

}  // namespace hostnet
