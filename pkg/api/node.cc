#include "api/node.h"

#include "api/metadata_patch.h"
#include "api/names.h"
#include "api/read_values.h"
#include "json/writer.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace api {
namespace {

constexpr std::array<std::string_view, 4> kControlPlaneLabels = {
    "node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master",
    "node-role.kubernetes.io/controlplane", "node-role.kubernetes.io/etcd"};

std::vector<net::Cidr> parse_pod_cidrs(json::View spec) {
  std::vector<net::Cidr> cidrs;
  for (const auto& text : spec["podCIDRs"].items()) {
    if (auto cidr = read_cidr(text)) cidrs.push_back(*cidr);
  }
  if (spec["podCIDRs"].size() > 0) return cidrs;
  if (auto cidr = read_cidr(spec["podCIDR"])) cidrs.push_back(*cidr);
  return cidrs;
}

std::vector<net::IpAddress> parse_internal_ips(json::View addresses) {
  std::vector<net::IpAddress> ips;
  for (const auto& entry : addresses.items()) {
    if (entry["type"].string_view() != "InternalIP") continue;
    if (auto ip = read_address(entry["address"])) ips.push_back(*ip);
  }
  return ips;
}

std::optional<std::string> parse_network_unavailable(json::View conditions) {
  for (const auto& condition : conditions.items()) {
    if (condition["type"].string_view() != kNetworkUnavailable) continue;
    if (condition["status"].string_view() == "True") return condition["reason"].string();
  }
  return std::nullopt;
}

bool has_network_taint(json::View taints) {
  const auto items = taints.items();
  return std::any_of(items.begin(), items.end(),
                     [](auto taint) { return taint["key"].string_view() == kNetworkTaint; });
}

// A quantity that is a plain number, as the kubelet writes it; 0 for anything else.
std::int64_t parse_count(std::string_view text) {
  constexpr std::int64_t kMost = 1'000'000;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && count > 0 && count <= kMost ? count : 0;
}

std::string operating_system(const ObjectMeta& meta, json::View status) {
  if (const auto* label = meta.label("kubernetes.io/os")) return *label;
  return status["nodeInfo"]["operatingSystem"].string();
}

}  // namespace

Node parse_node(json::View object) {
  Node node;
  const auto status = object["status"];
  node.meta = parse_meta(object);
  node.pod_cidrs = parse_pod_cidrs(object["spec"]);
  node.unschedulable = object["spec"]["unschedulable"].boolean();
  node.ready = condition_is_true(status["conditions"], "Ready");
  node.network_unavailable = parse_network_unavailable(status["conditions"]);
  node.network_taint = has_network_taint(object["spec"]["taints"]);
  node.internal_ips = parse_internal_ips(status["addresses"]);
  node.os = operating_system(node.meta, status);
  node.container_runtime = status["nodeInfo"]["containerRuntimeVersion"].string();
  node.has_kubelet = !status["nodeInfo"]["kubeletVersion"].string_view().empty();
  node.max_pods = parse_count(status["allocatable"]["pods"].string_view());
  return node;
}

bool is_control_plane(const Node& node) {
  return std::any_of(kControlPlaneLabels.begin(), kControlPlaneLabels.end(),
                     [&](auto label) { return node.meta.label(label) != nullptr; });
}

std::string render(const NodePatch& patch) {
  json::Writer writer;
  writer.object().key("metadata").object();
  writer.field_if("uid", patch.uid).field_if("resourceVersion", patch.resource_version);
  write_changes(writer, "labels", patch.labels);
  write_changes(writer, "annotations", patch.annotations);
  writer.end();
  if (patch.unschedulable) {
    writer.key("spec").object().key("unschedulable").boolean(*patch.unschedulable).end();
  }
  return writer.end().text();
}

void apply(const NodePatch& patch, Node& node) {
  apply_changes(patch.labels, node.meta.labels);
  apply_changes(patch.annotations, node.meta.annotations);
  if (patch.unschedulable) node.unschedulable = *patch.unschedulable;
}

}  // namespace api
