// Names that Calico's own code computes; other writers have to arrive at the same ones (README.md,
// Names).
#pragma once

#include "net/cidr.h"
#include "net/mac_address.h"

#include <optional>
#include <string>
#include <string_view>

namespace calico {

// 10.244.1.0/26 -> "10-244-1-0-26"
std::string cidr_name(const net::Cidr& cidr);
// "<node>-10-244-1-0-26"; shortened with a hash when it would not fit into 253 characters.
std::string affinity_name(std::string_view node, const net::Cidr& cidr);
// Base32 of SHA3-256 of the node name: label projectcalico.org/hostname-hash.
std::string hostname_hash(std::string_view node);
// Object name of a handle.
std::string handle_name(std::string_view handle_id);
// "vxlan-tunnel-addr-<node>", "vxlan-v6-tunnel-addr-<node>"
std::string tunnel_handle(std::string_view node, net::Family family);
// "flannel-migration-<node>": holds the addresses that live on flannel's bridge.
std::string reservation_handle(std::string_view node);
// "host:<node>"
std::string host_affinity(std::string_view node);
// The node of such an affinity; nullopt for another kind of affinity, and for an empty one.
std::optional<std::string_view> host_of(std::string_view affinity);
// The MAC that Felix derives for a node without one: 66: and five bytes of SHA-1 of the node name
// ("-v6" appended for IPv6).
net::MacAddress derived_mac(std::string_view node, net::Family family);

}  // namespace calico
