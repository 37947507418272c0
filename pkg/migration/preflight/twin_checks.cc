#include "migration/preflight/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace migration::checks {
namespace {

// Two nodes that claim one thing, as "a and b (thing)".
class Twins {
 public:
  void add(const std::string& value, const std::string& node) {
    const auto [first, is_new] = owners_.try_emplace(value, &node);
    if (!is_new && *first->second != node) pair(*first->second, node, value);
  }
  void pair(const std::string& a, const std::string& b, const std::string& what) {
    if (found_.empty()) second_ = b;
    found_.push_back(fmt::format("{} and {} ({})", a, b, what));
  }
  // The second node of the first pair, for a fix that is made on one of the two.
  const std::string& second() const { return second_; }
  void tell(const char* id, const char* what, const char* wanted, std::string fix,
            Findings& findings) const {
    if (found_.empty()) return;
    findings.push_back({id, api::Severity::Block, fmt::format("{}: {}", what, name_some(found_)),
                        wanted, std::move(fix)});
  }

 private:
  std::unordered_map<std::string, const std::string*> owners_;
  std::vector<std::string> found_;
  std::string second_;
};

// Goes through CIDRs in order of addresses, a wider one first: CIDRs are disjoint or nested, so
// each has to be compared only with the last one that was not nested.
Twins find_overlaps(const ClusterState& cluster) {
  std::vector<std::pair<net::Cidr, const std::string*>> all;
  for (const auto& [name, state] : cluster.nodes) {
    for (const auto& cidr : state.node.pod_cidrs) all.emplace_back(cidr, &name);
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.first.address(), a.first.prefix(), *a.second) <
           std::tuple(b.first.address(), b.first.prefix(), *b.second);
  });
  Twins twins;
  const auto* widest = all.empty() ? nullptr : &all.front();
  for (const auto& one : all) {
    if (!widest->first.contains(one.first)) {
      widest = &one;
    } else if (*widest->second != *one.second) {
      twins.pair(*widest->second, *one.second,
                 fmt::format("{}, {}", widest->first.to_string(), one.first.to_string()));
    }
  }
  return twins;
}

// Compares nodes of every kind, as flannel announces all of them to each other.
std::pair<Twins, Twins> find_same_ends(const Survey& survey) {
  Twins addresses;
  Twins macs;
  for (const auto& [name, state] : survey.cluster.nodes) {
    const auto told = flannel::parse_node_annotations(state.node.meta.annotations,
                                                      survey.settings.annotation_prefix);
    if (!told || !*told) continue;
    for (const auto& address : {(*told)->public_ip, (*told)->public_ip_v6}) {
      if (address) addresses.add(address->to_string(), name);
    }
    for (const auto& mac : {(*told)->vtep_mac, (*told)->vtep_mac_v6}) {
      if (mac) macs.add(mac->to_string(), name);
    }
  }
  return {std::move(addresses), std::move(macs)};
}

}  // namespace

// Flannel tolerates twins, as the last one wins; Calico does not, as it writes all of them down.
void node_twins(const Survey& survey, Findings& findings) {
  const auto overlaps = find_overlaps(survey.cluster);
  overlaps.tell(
      "NodePodCIDROverlap", "nodes whose pod CIDRs overlap", "a pod CIDR of its own for each",
      fmt::format("Take one of the two nodes out of the cluster and let it join again (kubectl "
                  "delete node {}, if it is that one; then restart its kubelet): the "
                  "controller-manager gives it another pod CIDR",
                  overlaps.second()),
      findings);
  const auto [addresses, macs] = find_same_ends(survey);
  addresses.tell("NodePublicIP", "nodes with the same flannel public-ip",
                 "an address of its own for each",
                 "Correct the annotation public-ip-overwrite of one of the two, or the interface "
                 "that flannel is told to use (--iface), and restart its flannel pod",
                 findings);
  macs.tell("NodeVtepMAC", "nodes whose VXLAN devices have the same MAC",
            "a MAC of its own for each",
            "On one of the two: ip link delete flannel.1, remove what a machine image was made "
            "with, and restart its flannel pod, which makes the device again",
            findings);
}

}  // namespace migration::checks
