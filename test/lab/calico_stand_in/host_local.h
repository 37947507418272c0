// Canal's way to give out addresses: the plugin host-local out of the node's pod CIDR, as Calico's
// plugin asks for it when its configuration says `"ipam": {"type": "host-local", "subnet":
// "usePodCidr"}`.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/transport.h"
#include "net/ip_address.h"

namespace stand_in {

bool uses_host_local(json::View conf);

// Both run in the environment that the container runtime gave to this plugin.
base::Result<net::IpAddress> assign_from_host_local(kube::Transport& transport,
                                                    const json::Document& conf);
base::Result<void> release_to_host_local(const json::Document& conf);

}  // namespace stand_in
