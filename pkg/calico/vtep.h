// The node annotations that make up Calico's Node object, as far as a VXLAN peer needs them
// (README.md, The node).
#pragma once

#include "api/meta.h"
#include "net/cidr.h"
#include "net/mac_address.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace calico {

// The tunnel end point of one family.
struct Vtep {
  net::IpAddress address;  // first address of the pod CIDR
  net::MacAddress mac;
  net::IpAddress public_ip;  // outer address
  bool operator==(const Vtep&) const = default;
};

struct NodeVteps {
  std::optional<Vtep> v4;
  std::optional<Vtep> v6;
  bool operator==(const NodeVteps&) const = default;
};

// Annotations that state these end points, all of which belong into one patch: a peer must never
// see half of one.
api::StringMap render_vteps(const NodeVteps& vteps);

// Returns the part of `wanted` that differs in `annotations`. projectcalico.org/IPv4Address is
// satisfied by any prefix length behind the same address: calico-node writes the interface's, the
// migration "/32".
api::StringMap missing_annotations(const NodeVteps& wanted, const api::StringMap& annotations);

// Every annotation key that render_vteps can write.
std::vector<std::string> vtep_annotation_keys();

// Keys of all other annotations that calico-node v3.27 to v3.32 writes on its Node, by itself or
// depending on its settings.
std::vector<std::string> other_annotation_keys();

}  // namespace calico
