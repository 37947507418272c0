#include "api/names.h"
#include "fakes/build/objects.h"
#include "flannel/node_annotations.h"

namespace build {
namespace {

constexpr std::string_view kFlannel = "flannel.alpha.coreos.com/";

void write(api::Node& node, const flannel::NodeAnnotations& said) {
  for (auto& [key, value] : flannel::render_node_annotations(said, kFlannel)) {
    node.meta.annotations[key] = value;
  }
}

flannel::NodeAnnotations vxlan() {
  flannel::NodeAnnotations said;
  said.subnet_manager = true;
  said.backend_type = "vxlan";
  said.vni = 1;
  return said;
}

}  // namespace

net::Cidr cidr(std::string_view text) { return net::Cidr::parse(text).value(); }
net::IpAddress ip(std::string_view text) { return net::IpAddress::parse(text).value(); }
base::TimePoint at(std::string_view rfc3339) { return base::parse_rfc3339(rfc3339).value(); }
base::TimePoint start_time() { return at("2026-08-22T12:00:00Z"); }

api::Node plain_node(const std::string& name) {
  api::Node node;
  node.meta.name = name;
  node.meta.uid = "uid-" + name;
  node.meta.resource_version = "1";
  node.meta.labels["kubernetes.io/os"] = "linux";
  node.meta.labels["kubernetes.io/hostname"] = name;
  node.os = "linux";
  node.ready = true;
  with_pod_cidr("10.244.1.0/24")(node);
  with_internal_ip("192.168.0.1")(node);
  with_flannel("0a:00:00:00:00:01", "192.168.0.1")(node);
  return node;
}

NodeChange with_pod_cidr(std::string_view text) {
  const auto wanted = cidr(text);
  return [wanted](api::Node& node) {
    std::erase_if(node.pod_cidrs, [&](const auto& c) { return c.family() == wanted.family(); });
    node.pod_cidrs.push_back(wanted);
  };
}

NodeChange with_internal_ip(std::string_view text) {
  const auto wanted = ip(text);
  return [wanted](api::Node& node) {
    std::erase_if(node.internal_ips, [&](const auto& a) { return a.family() == wanted.family(); });
    node.internal_ips.push_back(wanted);
  };
}

NodeChange with_label(std::string_view key, std::string_view value) {
  return [key = std::string(key), value = std::string(value)](api::Node& node) {
    node.meta.labels[key] = value;
  };
}

NodeChange with_annotation(std::string_view key, std::string_view value) {
  return [key = std::string(key), value = std::string(value)](api::Node& node) {
    node.meta.annotations[key] = value;
  };
}

NodeChange without_annotation(std::string_view key) {
  return [key = std::string(key)](api::Node& node) { node.meta.annotations.erase(key); };
}

NodeChange with_journal(const migration::Journal& journal) {
  return with_annotation(api::kStateAnnotation, migration::render(journal));
}

NodeChange on_network(migration::Network network) {
  return with_label(api::kNetworkLabel, migration::label_value(network));
}

NodeChange with_flannel(std::string_view mac, std::string_view public_ip) {
  auto said = vxlan();
  said.vtep_mac = net::MacAddress::parse(mac).value();
  said.public_ip = ip(public_ip);
  return [said](api::Node& node) { write(node, said); };
}

NodeChange with_flannel_v6(std::string_view mac, std::string_view public_ip) {
  auto said = vxlan();
  said.vtep_mac_v6 = net::MacAddress::parse(mac).value();
  said.public_ip_v6 = ip(public_ip);
  return [said](api::Node& node) { write(node, said); };
}

NodeChange without_flannel() {
  return [](api::Node& node) {
    std::erase_if(node.meta.annotations,
                  [](const auto& entry) { return entry.first.starts_with(kFlannel); });
  };
}

NodeChange control_plane() { return with_label("node-role.kubernetes.io/control-plane", ""); }
NodeChange cordoned() {
  return [](api::Node& node) { node.unschedulable = true; };
}
NodeChange not_ready() {
  return [](api::Node& node) { node.ready = false; };
}

}  // namespace build
