// Addresses for pods out of the node's own IPAM blocks, with compare-and-swap, as Calico's IPAM.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/transport.h"
#include "net/cidr.h"
#include "net/ip_address.h"

#include <set>
#include <string>

namespace stand_in {

struct Claim {
  std::string node;
  std::string handle;         // "k8s-pod-network.<container id>"
  json::StringMap secondary;  // who it is for
};

// The next free address of the node's confirmed blocks of this family, first in, first out.
base::Result<net::IpAddress> assign(kube::Transport& transport, const Claim& claim,
                                    net::Family family);

// Everything that a handle holds; nothing is fine.
base::Result<void> release(kube::Transport& transport, const std::string& handle);

// The same where the handle's object may be gone: what it holds in these blocks, and the object.
base::Result<void> release_in(kube::Transport& transport, const std::string& handle,
                              const std::set<std::string>& cidrs);

// Is this address, of this block, held for this node's tunnel? As the allocator asks before it
// keeps one.
base::Result<void> check_tunnel(kube::Transport& transport, const std::string& node,
                                const net::IpAddress& address, const net::Cidr& cidr);

}  // namespace stand_in
