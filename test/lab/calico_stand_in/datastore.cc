#include "calico_stand_in/datastore.h"

#include "kube/http_transport.h"
#include "kube/in_cluster.h"
#include "kube/kubeconfig.h"
#include "kube/reader.h"

#include <fmt/format.h>

#include <cstdlib>

namespace stand_in {
namespace {

bool is_of(net::Family family, const std::string& cidr) {
  const auto parsed = net::Cidr::parse(cidr);
  return parsed && parsed->family() == family;
}

// The node's own FelixConfiguration; nothing when there is none.
base::Result<json::Document> read_own_settings(kube::Transport& transport,
                                               const std::string& node) {
  auto own = kube::Reader(transport).get({kFelix, "", "node." + node});
  if (!own && own.error().kind == base::ErrorKind::NotFound) return json::Document();
  return own;
}

// The environment beats the node's own object, and that one the object of all nodes.
bool vxlan_may_be_on(json::View all, json::View own) {
  const auto said = environment("FELIX_VXLANENABLED");
  if (!said.empty()) return said == "true";
  return own["spec"]["vxlanEnabled"].boolean(all["spec"]["vxlanEnabled"].boolean(true));
}

base::Result<void> read_settings(kube::Transport& transport, const std::string& node,
                                 net::Family family, Overlay& overlay) {
  const auto felix = kube::Reader(transport).get({kFelix, "", "default"});
  if (!felix) return tl::unexpected(felix.error());
  const auto own = read_own_settings(transport, node);
  if (!own) return tl::unexpected(own.error());
  const auto spec = (*felix)["spec"];
  overlay.vni = static_cast<int>(spec["vxlanVNI"].integer(4096));
  overlay.port = static_cast<int>(spec["vxlanPort"].integer(4789));
  const auto v4 = family == net::Family::V4;
  overlay.mtu = static_cast<int>(spec[v4 ? "vxlanMTU" : "vxlanMTUV6"].integer(0));
  // The environment of the DaemonSet beats the object.
  if (const auto mtu = environment(v4 ? "FELIX_VXLANMTU" : "FELIX_VXLANMTUV6"); !mtu.empty())
    if (const int value = std::atoi(mtu.c_str()); value != 0) overlay.mtu = value;
  overlay.enabled = !overlay.pools.empty() && (!v4 || vxlan_may_be_on(felix->root(), own->root()));
  return {};
}

base::Result<void> read_pools(kube::Transport& transport, net::Family family, Overlay& overlay) {
  const auto pools = list_all(transport, kPools);
  if (!pools) return tl::unexpected(pools.error());
  for (const auto& pool : *pools) {
    const auto spec = pool["spec"];
    const auto vxlan = spec["vxlanMode"].string(), ipip = spec["ipipMode"].string();
    if (vxlan.empty() || ipip.empty())
      return base::fail(base::ErrorKind::Invalid, "IPPool " + pool["metadata"]["name"].string() +
                                                      ": Felix stumbles over a blank mode");
    if (spec["disabled"].boolean() || vxlan == "Never" || !is_of(family, spec["cidr"].string()))
      continue;
    overlay.pools.push_back(spec["cidr"].string());
    overlay.nat_outgoing = spec["natOutgoing"].boolean();
  }
  return {};
}

void read_vteps(const std::vector<json::Document>& nodes, net::Family family, Overlay& overlay) {
  const bool v4 = family == net::Family::V4;
  for (const auto& node : nodes) {
    const auto read = [&](const char* of_v4, const char* of_v6) {
      return annotation(node.root(), v4 ? of_v4 : of_v6);
    };
    Vtep vtep;
    vtep.node = node["metadata"]["name"].string();
    vtep.outer = read("IPv4Address", "IPv6Address");
    vtep.outer = vtep.outer.substr(0, vtep.outer.find('/'));
    vtep.inner = read("IPv4VXLANTunnelAddr", "IPv6VXLANTunnelAddr");
    vtep.mac = read("VXLANTunnelMACAddr", "VXLANTunnelMACAddrV6");
    if (!vtep.outer.empty() && !vtep.inner.empty() && !vtep.mac.empty())
      overlay.vteps.push_back(vtep);
  }
}

// Canal's Felix reads no blocks: a node's pod CIDR is its only one.
void read_pod_cidrs(const std::vector<json::Document>& nodes, net::Family family,
                    Overlay& overlay) {
  for (const auto& node : nodes) {
    const auto cidr = net::Cidr::parse(node["spec"]["podCIDR"].string());
    if (cidr && cidr->family() == family)
      overlay.blocks.push_back({*cidr, node["metadata"]["name"].string()});
  }
}

base::Result<void> read_blocks(kube::Transport& transport, net::Family family, Overlay& overlay) {
  const auto blocks = list_all(transport, kBlocks);
  if (!blocks) return tl::unexpected(blocks.error());
  for (const auto& block : *blocks) {
    const auto spec = block["spec"];
    const auto owner = spec["affinity"].string();
    // What is marked deleted is not there; a block of nobody is left until its last pod goes.
    if (spec["deleted"].boolean() || owner.empty() || !is_of(family, spec["cidr"].string()))
      continue;
    if (auto complaint = complaint_about_block(block.root()))
      return base::fail(base::ErrorKind::Invalid, *complaint);
    overlay.blocks.push_back({*net::Cidr::parse(spec["cidr"].string()), owner.substr(5)});
  }
  return {};
}

}  // namespace

base::Result<std::vector<json::Document>> list_all(kube::Transport& transport,
                                                   const kube::Resource& resource) {
  std::vector<json::Document> items;
  auto listed = kube::Reader(transport).list(resource, {}, [&](json::View item) {
    if (auto copy = json::Document::parse(item.dump())) items.push_back(*std::move(copy));
  });
  if (!listed) return tl::unexpected(listed.error());
  return items;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string annotation(json::View node, const std::string& name) {
  return node["metadata"]["annotations"]["projectcalico.org/" + name].string();
}

base::Result<std::unique_ptr<kube::Transport>> connect(const std::string& kubeconfig) {
  kube::KubeconfigOptions file;
  file.path = kubeconfig;
  kube::InClusterOptions pod;
  pod.service_host = environment("KUBERNETES_SERVICE_HOST");
  pod.service_port = environment("KUBERNETES_SERVICE_PORT");
  const auto config = kubeconfig.empty() ? kube::load_in_cluster(pod) : kube::load_kubeconfig(file);
  if (!config) return tl::unexpected(config.error());
  auto transport = kube::HttpTransport::make(*config, {.user_agent = "calico-stand-in"});
  if (!transport) return tl::unexpected(transport.error());
  return *std::move(transport);
}

base::Result<Overlay> read_overlay(kube::Transport& transport, const std::string& node,
                                   net::Family family) {
  Overlay overlay;
  const auto nodes = list_all(transport, kube::kNodes);
  if (!nodes) return tl::unexpected(nodes.error());
  read_vteps(*nodes, family, overlay);
  auto read = read_pools(transport, family, overlay);
  if (read) read = read_settings(transport, node, family, overlay);
  if (environment("USE_POD_CIDR") == "true")
    read_pod_cidrs(*nodes, family, overlay);
  else if (read)
    read = read_blocks(transport, family, overlay);
  if (!read) return tl::unexpected(read.error());
  return overlay;
}

}  // namespace stand_in
