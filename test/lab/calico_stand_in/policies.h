// Kubernetes' NetworkPolicies, as Felix sees them for the pods of one node.
//
// What the real one does, read in libcalico-go/lib/backend/k8s/conversion as it was in 2021 and
// 2026: a pod that is selected by a policy of a direction takes (or sends) only what a rule of such
// a policy allows; one that is selected by none takes everything. It is an endpoint of its node
// once it has an address: as long as kubelet has written none into the status, that of the
// annotation cni.projectcalico.org/podIPs, which the CNI plugin writes when it plugs the pod in,
// and empties when it pulls it out: then the pod is none any more. For what a rule selects, every
// pod of the cluster counts, those on flannel's bridge, too: a rule holds across the border in both
// directions, as was seen with v3.32.1 and v3.27.2 on the lab's kubelets.
//
// Named ports, other tiers and Calico's own policies are not played; a named port is an error.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/transport.h"
#include "net/cidr.h"

#include <optional>
#include <string>
#include <vector>

namespace stand_in {

struct PolicyObjects {
  std::vector<json::Document> policies, pods, namespaces;
};
base::Result<PolicyObjects> read_policy_objects(kube::Transport& transport);

// What one rule of a policy allows.
struct Allowance {
  std::string name;                             // of policy, direction and rule
  std::optional<std::vector<net::Cidr>> peers;  // of one family; without them everybody
  std::vector<std::string> ports;               // matches of iptables; without them all packets
};

struct Endpoint {
  std::string interface;
  // Without them nothing is asked for.
  std::optional<std::vector<Allowance>> ingress, egress;
};

// Those of one node.
base::Result<std::vector<Endpoint>> endpoints_of(const PolicyObjects& objects,
                                                 const std::string& node, net::Family family);

}  // namespace stand_in
