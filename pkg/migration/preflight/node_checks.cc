#include "api/first_blocks.h"
#include "api/names.h"
#include "calico/names.h"
#include "migration/facts/left_alone.h"
#include "migration/ipam/node_ipam.h"
#include "migration/ipam/placeholder.h"
#include "migration/preflight/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace migration::checks {
namespace {

using api::Severity;

bool has_family(const api::Node& node, net::Family family) {
  for (const auto& cidr : node.pod_cidrs) {
    if (cidr.family() == family) return true;
  }
  return false;
}

bool lacks_cidr(const Survey& survey, const api::Node& node) {
  return (survey.settings.network && !has_family(node, net::Family::V4)) ||
         (wants_ipv6(survey) && !has_family(node, net::Family::V6));
}

bool outside(const Survey& survey, const api::Node& node) {
  for (const auto& cidr : node.pod_cidrs) {
    const auto& network =
        cidr.family() == net::Family::V4 ? survey.settings.network : survey.settings.ipv6_network;
    if (network && !network->contains(cidr)) return true;
  }
  return false;
}

// Without the address or the MAC of its tunnel end other nodes could not reach the node.
bool lacks_vtep(const Survey& survey, const flannel::NodeAnnotations& told) {
  return (survey.settings.network && !(told.vtep_mac && told.public_ip)) ||
         (wants_ipv6(survey) && !(told.vtep_mac_v6 && told.public_ip_v6));
}

std::string wanted_annotations(const Survey& survey) {
  std::vector<std::string> names;
  if (survey.settings.network) names = {"backend-data", "public-ip"};
  if (wants_ipv6(survey)) names.insert(names.end(), {"backend-v6-data", "public-ipv6"});
  for (auto& name : names) name = survey.settings.annotation_prefix + name;
  return name_some(names) + " on every node";
}

std::string holder_of(const Survey& survey, const BlockConflict& conflict) {
  if (conflict.holder.empty()) return "nobody, and is not empty";
  const auto node = calico::host_of(conflict.holder);
  if (!node) return conflict.holder;
  return fmt::format("node {}{}", *node,
                     survey.find(*node) != nullptr ? "" : ", which does not exist any more");
}

// Addresses that pods can have, in the family that has fewest: all but those of tunnel, bridge and
// placeholders.
std::uint64_t fewest_addresses(const Survey& survey, const api::Node& node) {
  std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max();
  for (const auto& pod_cidr : node.pod_cidrs) {
    const bool v4 = pod_cidr.family() == net::Family::V4;
    const int size = v4 ? survey.spec.calico.block_size : survey.spec.calico.ipv6_block_size;
    std::uint64_t usable = 0;
    for (const auto& block : api::first_blocks(pod_cidr, size))
      usable += block.size() - (placeholder_for(block) ? 1 : 0);
    fewest = std::min(fewest, usable - std::min<std::uint64_t>(usable, 2));
  }
  return fewest;
}

void add_nodes(Findings& findings, std::string id, std::string what,
               const std::vector<std::string>& names, std::string wanted, std::string fix) {
  if (names.empty()) return;
  findings.push_back({std::move(id), Severity::Block, fmt::format("{}: {}", what, name_some(names)),
                      std::move(wanted), std::move(fix)});
}

// A node that joins is not known to flannel before it gets its label. A known node that no
// DaemonSet selects may have lost its label.
bool may_be_on_either(const NodeView& node) { return node.joined && node.flannel; }

}  // namespace

void node_cidrs(const Survey& survey, Findings& findings) {
  std::vector<std::string> without;
  std::vector<std::string> strangers;
  for (const auto& node : survey.nodes) {
    if (lacks_cidr(survey, node.node())) without.push_back(node.name);
    if (outside(survey, node.node())) strangers.push_back(node.name);
  }
  add_nodes(
      findings, "NodePodCIDR", "nodes without a pod CIDR", without,
      "spec.podCIDRs with one entry for each of flannel's networks",
      "Let the controller-manager allocate them (--allocate-node-cidrs), or set spec.podCIDR");
  add_nodes(findings, "NodePodCIDRRange", "pod CIDRs outside of flannel's network", strangers,
            survey.settings.network ? "inside " + survey.settings.network->to_string()
                                    : "inside flannel's network",
            "Correct spec.flannel.network, or flannel's net-conf.json");
}

void node_annotations(const Survey& survey, Findings& findings) {
  if (survey.begun()) return;
  std::vector<std::string> missing;
  std::vector<std::string> unreadable;
  std::vector<std::string> other_backend;
  std::vector<std::string> other_vni;
  for (const auto& node : survey.nodes) {
    if (node.network != Network::Flannel) continue;
    if (!node.flannel_error.empty()) {
      unreadable.push_back(fmt::format("{} ({})", node.name, node.flannel_error));
    } else if (node.flannel && node.flannel->backend_type != "vxlan") {
      other_backend.push_back(fmt::format("{} ({})", node.name, node.flannel->backend_type));
    } else if (!node.flannel || lacks_vtep(survey, *node.flannel)) {
      missing.push_back(node.name);
    } else if (node.flannel->vni && *node.flannel->vni != survey.settings.vni) {
      other_vni.push_back(fmt::format("{} ({})", node.name, *node.flannel->vni));
    }
  }
  const std::string look =
      "Look at the flannel pod of the node: kubectl -n " +
      (survey.install ? survey.install->key.ns : std::string("kube-flannel")) +
      " get pods -o wide" +
      (survey.spec.flannel.annotation_prefix ? "; or correct spec.flannel.annotationPrefix" : "");
  add_nodes(findings, "NodeAnnotations", "nodes without flannel's annotations", missing,
            wanted_annotations(survey), look);
  add_nodes(findings, "NodeAnnotations", "annotations that cannot be read", unreadable,
            "what flannel writes", look);
  add_nodes(findings, "NodeBackend", "nodes with another backend", other_backend, "vxlan", look);
  add_nodes(findings, "NodeVNI", "nodes with another VNI", other_vni,
            fmt::format("VNI {}", survey.settings.vni),
            "Restart flannel there, or correct spec.flannel.vni");
}

void node_blocks(const Survey& survey, Findings& findings) {
  std::vector<std::string> held;
  std::vector<std::string> problems;
  for (const auto* recorded : recorded_nodes(survey)) {
    const NodeView& node = *recorded;
    // The check node_annotations reports such nodes.
    if (node.network == Network::Flannel && (!node.flannel || lacks_vtep(survey, *node.flannel))) {
      continue;
    }
    const NodeIpam ipam = examine_ipam(survey, node, Network::Calico);
    for (const auto& conflict : ipam.conflicts) {
      held.push_back(fmt::format("{} of node {} is held by {}", conflict.block.to_string(),
                                 node.name, holder_of(survey, conflict)));
    }
    const bool told_elsewhere =
        claims_ipv6(survey) || lacks_cidr(survey, node.node()) || has_other_system(node.node());
    if (!ipam.problem.empty() && !told_elsewhere) problems.push_back(ipam.problem);
  }
  add_nodes(findings, "IPAMBlocks", "blocks in the way", held,
            "each node holds the blocks of its own pod CIDR", std::string(kReleaseBlock));
  add_nodes(
      findings, "IPAMAddresses", "addresses in the way", problems,
      "blocks that fit into every node's pod CIDR, and their first address free for the tunnel",
      "Delete the pod that holds the address, or choose a smaller block (spec.calico.blockSize)");
}

// A lack of addresses blocks no node (NodeMachine::make_room); the move only takes longer.
void node_addresses(const Survey& survey, Findings& findings) {
  if (survey.spec.rollout.method == api::Method::Drain) return;
  std::vector<std::string> tight;
  for (const auto& node : survey.nodes) {
    if (!node.selected || node.network != Network::Flannel) continue;
    const auto most = static_cast<std::uint64_t>(node.node().max_pods);
    const auto usable = fewest_addresses(survey, node.node());
    if (usable < 2 * most)
      tight.push_back(fmt::format("{} ({} addresses, up to {} pods)", node.name, usable, most));
  }
  if (tight.empty()) return;
  findings.push_back(
      {"NodeAddresses", Severity::Warn,
       "nodes that may run short of addresses: " + name_some(tight),
       "two addresses for each pod, as a pod that is replaced has a new one before its old one is "
       "free",
       "Nothing has to be done: on a node with too few free ones, each pod waits for the address "
       "of one that is gone, and is replaced more slowly. Have fewer pods there while it is moved, "
       "or use rollout.method Drain"});
}

void node_health(const Survey& survey, Findings& findings) {
  std::vector<std::string> not_ready;
  std::vector<std::string> cordoned;
  for (const auto& node : survey.nodes) {
    if (!node.node().ready) not_ready.push_back(node.name);
    if (node.node().unschedulable && !node.in_flight()) cordoned.push_back(node.name);
  }
  if (!not_ready.empty()) {
    findings.push_back({"NodeHealth", Severity::Warn, "not Ready: " + name_some(not_ready), "Ready",
                        "They count against rollout.maxUnavailable, and move once they are Ready"});
  }
  if (!cordoned.empty()) {
    findings.push_back(
        {"NodeCordoned", Severity::Warn, "cordoned: " + name_some(cordoned), "schedulable",
         "They count against rollout.maxUnavailable, and stay cordoned after their move"});
  }
}

void node_labels(const Survey& survey, Findings& findings) {
  if (!survey.flannel_stays() || !survey.calico_gated() || !survey.has_traces()) return;
  std::vector<std::string> unknown;
  for (const auto& node : survey.nodes) {
    if (may_be_on_either(node)) unknown.push_back(node.name);
  }
  if (unknown.empty()) return;
  add_nodes(
      findings, "NodeLabel",
      fmt::format("flannel knows these nodes, and neither a DaemonSet's selector nor label {} says "
                  "which network they are on",
                  api::kNetworkLabel),
      unknown, "the label, on each of them",
      fmt::format(
          "Look at each node: with a device vxlan.calico, or a file of Calico's in its folder "
          "of CNI configuration, it is on Calico: kubectl label node {} {}=calico. Without "
          "either it is on flannel: the same with =flannel. A wrong one cuts its pods off",
          unknown.front(), api::kNetworkLabel));
}

// Reports nodes without a network only while the migration does not run: a running one serves them
// at once, and a blocked one reports what blocks it.
void node_network(const Survey& survey, Findings& findings) {
  const bool runs = !survey.spec.paused && survey.spec.mode == api::Mode::Run;
  if (runs && !survey.cluster.dry_run) return;
  std::vector<std::string> unserved;
  for (const auto& node : survey.nodes) {
    if (node.unserved && !may_be_on_either(node)) unserved.push_back(node.name);
  }
  if (unserved.empty()) return;
  findings.push_back({"NodeNetwork", Severity::Warn,
                      "no DaemonSet brings a pod network to these nodes: " + name_some(unserved),
                      "every node on one of the two",
                      "They get one as soon as the migration goes on: set spec.paused to false and "
                      "spec.mode to Run"});
}

}  // namespace migration::checks
