// Windows nodes: they never move, and both sides reach each other for as long as each knows the
// other's nodes.
#include "migration/facts/left_alone.h"
#include "migration/ipam/node_ipam.h"
#include "migration/preflight/checks.h"

#include <fmt/format.h>

namespace migration::checks {
namespace {

using api::Severity;

// Limits that remain for nodes whose data Calico gets, for as long as they are on flannel.
constexpr std::string_view kLimits =
    "Linux nodes that join after the end, and pods in blocks that Calico claims beyond a node's "
    "pod CIDR, are not known to flannel there: move these nodes to Calico for Windows, or set "
    "flannel's annotations on each new node by hand";

void tell_refused(const Survey& survey, const std::vector<std::string>& names, Findings& findings) {
  if (names.empty()) return;
  const bool refuse = survey.spec.windows == api::WindowsNodes::Refuse && !survey.begun();
  findings.push_back(
      {"NodeOperatingSystem", refuse ? Severity::Block : Severity::Warn,
       "nodes of another operating system are cut off from Linux nodes that move: " +
           name_some(names, kNodesShown),
       "a pod CIDR and flannel's annotations that Calico can be told, for each of them",
       "Look at flannel on these nodes, or drain and remove them. Where their pods and those of "
       "Linux nodes need not reach each other, set spec.windows to LeaveOnFlannel: nothing of "
       "them is told to Calico, and they are left as they are"});
}

}  // namespace

std::string why_cut_off(const Survey& survey, const NodeView& node) {
  if (auto why = why_not_told(survey, node); !why.empty()) return why;
  const auto ipam = examine_ipam(survey, node, Network::Calico);
  if (!ipam.problem.empty()) return ipam.problem;
  if (!ipam.vteps.v4 && !ipam.vteps.v6) return "its pod CIDR, public-ip or backend-data is missing";
  return {};
}

void node_other_systems(const Survey& survey, Findings& findings) {
  std::vector<std::string> told;
  std::vector<std::string> refused;
  for (const auto& node : survey.left_alone) {
    if (!has_other_system(node.node())) continue;
    const auto why = why_cut_off(survey, node);
    if (why.empty()) {
      told.push_back(fmt::format("{} ({})", node.name, node.node().os));
    } else {
      refused.push_back(fmt::format("{} ({})", node.name, why));
    }
  }
  tell_refused(survey, refused, findings);
  if (told.empty()) return;
  findings.push_back(
      {"NodeOperatingSystem", Severity::Warn,
       "nodes of another operating system stay on flannel: " + name_some(told, kNodesShown),
       "Calico on every node that pods of others are to reach",
       fmt::format("Their tunnel end points and pod CIDRs are told to Calico, and flannel's "
                   "annotations stay on the nodes that move, so that pods reach each other. {}",
                   kLimits)});
}

}  // namespace migration::checks
