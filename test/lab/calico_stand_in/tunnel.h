// What Felix keeps of one family's tunnel: the device, its neighbours and routes.
//
// Felix v3.27 and v3.32 were run on the lab's kubelets, with `ip -ts monitor` on every node, and
// felix/routetable was read. When Felix starts, it first deletes every route on its device that it
// does not want, and then adds its own, of protocol deviceRouteProtocol (3, boot), v3.32's with
// the device's MTU as an attribute. A route to the same destination is kept, or replaced in place
// where another attribute differs. Between deleting and adding lie tenths of a millisecond with
// three nodes and 0.9 s with 5,000, in which packets to what was deleted are lost. The stand-in
// takes its time there, so that even with three nodes a ping falls into it. Blackholes of the
// node's own blocks have protocol 80.
#pragma once

#include "base/error.h"
#include "calico_stand_in/datastore.h"

#include <string>

namespace stand_in {

struct Tunnel {
  net::Family family = net::Family::V4;
  std::string node;
  Overlay overlay;

  std::string device() const {
    return family == net::Family::V4 ? "vxlan.calico" : "vxlan-v6.calico";
  }
  std::string ip() const { return family == net::Family::V4 ? "-4" : "-6"; }
  // Absolute length of a host route.
  std::string host_length() const { return family == net::Family::V4 ? "/32" : "/128"; }
  const Vtep* own() const { return vtep_of(node); }
  const Vtep* vtep_of(const std::string& name) const;
};

// A device that is as Calico wants it is kept, another one is replaced. What was done, in words.
base::Result<std::string> ensure_device(const Tunnel& tunnel);
// Routes of the device that are not Calico's go; later Calico's come that are not there.
base::Result<void> ensure_routes(const Tunnel& tunnel);
// Only what needs no device: the node's own blocks lead nowhere, but for routes of their pods.
base::Result<void> ensure_blackholes(const Tunnel& tunnel);

// The interface that carries an address, with its prefix length: {"eth0", 24}.
struct Carrier {
  std::string name;
  int prefix = 0;
};
base::Result<Carrier> interface_of(const std::string& address);

}  // namespace stand_in
