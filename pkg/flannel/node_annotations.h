// Reads and writes the annotations in which flannel describes a node (README.md, Nodes).
#pragma once

#include "api/meta.h"
#include "base/error.h"
#include "net/ip_address.h"
#include "net/mac_address.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace flannel {

// "flannel.alpha.coreos.com" -> "flannel.alpha.coreos.com/", by flannel's own rule for its option
// --kube-annotation-prefix.
std::string annotation_prefix(std::string_view option);

struct NodeAnnotations {
  bool subnet_manager = false;
  std::string backend_type;
  std::optional<net::MacAddress> vtep_mac;
  std::optional<net::MacAddress> vtep_mac_v6;
  std::optional<int> vni;  // absent before flannel v0.14
  std::optional<net::IpAddress> public_ip;
  std::optional<net::IpAddress> public_ip_v6;
  bool operator==(const NodeAnnotations&) const = default;
};

// `prefix` as annotation_prefix() makes it. nullopt when flannel never wrote to this node; Invalid
// names the annotation whose value cannot be read.
base::Result<std::optional<NodeAnnotations>> parse_node_annotations(
    const api::StringMap& annotations, std::string_view prefix);
// The annotations that make flannel's peers reach a node; only those that are set.
api::StringMap render_node_annotations(const NodeAnnotations& node, std::string_view prefix);

}  // namespace flannel
