// core/v1 Node.
#pragma once

#include "api/meta.h"
#include "net/cidr.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace api {

struct Node {
  ObjectMeta meta;
  std::vector<net::Cidr>
      pod_cidrs;  // spec.podCIDRs, else spec.podCIDR; unreadable ones are left out
  bool unschedulable = false;
  bool ready = false;  // condition Ready is True
  std::vector<net::IpAddress> internal_ips;
  // While the condition NetworkUnavailable is True: its reason, which may be empty.
  std::optional<std::string> network_unavailable;
  bool network_taint = false;     // carries the taint kNetworkTaint
  std::string os;                 // label kubernetes.io/os, else status.nodeInfo.operatingSystem
  std::string container_runtime;  // status.nodeInfo.containerRuntimeVersion, "containerd://1.7.13"
  std::int64_t max_pods = 0;      // status.allocatable.pods; 0: unknown
  bool has_kubelet = true;        // from status.nodeInfo; a device's dummy has none
  bool operator==(const Node&) const = default;
};

Node parse_node(json::View object);

// node-role.kubernetes.io/{control-plane,master,controlplane,etcd}
bool is_control_plane(const Node& node);

// A merge patch of one node, kept as data so that a fake cluster can apply it too.
struct NodePatch {
  std::map<std::string, std::optional<std::string>> labels;       // nullopt: take it away
  std::map<std::string, std::optional<std::string>> annotations;  // nullopt: take it away
  std::optional<bool> unschedulable;
  std::string uid;  // refused (Conflict) when the node was replaced meanwhile; empty: any
  std::string resource_version;  // refused (Conflict) when anything of the node changed; empty: any
  bool operator==(const NodePatch&) const = default;
  bool empty() const { return labels.empty() && annotations.empty() && !unschedulable; }
};

// Body for application/merge-patch+json.
std::string render(const NodePatch& patch);
// Changes `node` as the API server would; meta.resource_version is left as it is.
void apply(const NodePatch& patch, Node& node);

}  // namespace api
