#include "calico_stand_in/ipam_view.h"

#include "calico_stand_in/datastore.h"

namespace stand_in {
namespace {

constexpr const char* kLabel = "projectcalico.org/node-network-during-migration";

// As Calico and Kubernetes write it may differ.
std::string canonical(const std::string& address) {
  const auto parsed = net::IpAddress::parse(address);
  return parsed ? parsed->to_string() : address;
}

PodState pod_state(json::View pod) {
  const auto status = pod["status"];
  const auto phase = status["phase"].string();
  PodState state;
  state.node = pod["spec"]["nodeName"].string();
  for (const auto ip : status["podIPs"].items())
    state.addresses.push_back(canonical(ip["ip"].string()));
  state.finished = phase == "Succeeded" || phase == "Failed";
  return state;
}

// "vxlanTunnelAddress", "ipipTunnelAddress", "wireguardV6TunnelAddress", ...
Holder holder_of(json::View attribute, const net::IpAddress& address) {
  const auto secondary = attribute["secondary"];
  const auto ns = secondary["namespace"].string(), pod = secondary["pod"].string();
  Holder holder;
  holder.address = address.to_string();
  holder.handle = attribute["handle_id"].string();
  holder.node = secondary["node"].string();
  if (!ns.empty() && !pod.empty()) holder.pod = ns + "/" + pod;
  holder.is_tunnel = secondary["type"].string().ends_with("TunnelAddress");
  return holder;
}

base::Result<OwnedBlock> owned_block(json::View block) {
  const auto spec = block["spec"];
  const auto cidr = net::Cidr::parse(spec["cidr"].string());
  if (!cidr) return tl::unexpected(cidr.error());
  OwnedBlock owned;
  owned.cidr = cidr->to_string();
  if (const auto owner = spec["affinity"].string(); owner.starts_with("host:"))
    owned.node = owner.substr(5);
  for (std::size_t ordinal = 0; ordinal < spec["allocations"].size(); ++ordinal) {
    const auto index = spec["allocations"].at(ordinal).maybe_integer();
    if (!index) continue;
    const auto attribute = spec["attributes"].at(static_cast<std::size_t>(*index));
    owned.holders.push_back(holder_of(attribute, cidr->address().plus(ordinal)));
  }
  return owned;
}

base::Result<void> read_blocks(kube::Transport& transport, IpamView& view) {
  const auto blocks = list_all(transport, kBlocks);
  if (!blocks) return tl::unexpected(blocks.error());
  for (const auto& block : *blocks) {
    if (block["spec"]["deleted"].boolean()) continue;
    auto owned = owned_block(block.root());
    if (!owned) return tl::unexpected(owned.error());
    view.blocks.push_back(*std::move(owned));
  }
  return {};
}

}  // namespace

base::Result<IpamView> read_ipam_view(kube::Transport& transport) {
  IpamView view;
  // Blocks first: who has an address in them is among the pods and nodes that are read later.
  if (auto read = read_blocks(transport, view); !read) return tl::unexpected(read.error());
  const auto nodes = list_all(transport, kube::kNodes);
  if (!nodes) return tl::unexpected(nodes.error());
  for (const auto& node : *nodes)
    view.networks[node["metadata"]["name"].string()] = node["metadata"]["labels"][kLabel].string();
  const auto pods = list_all(transport, kube::kPods);
  if (!pods) return tl::unexpected(pods.error());
  for (const auto& pod : *pods) {
    const auto meta = pod["metadata"];
    view.pods[meta["namespace"].string() + "/" + meta["name"].string()] = pod_state(pod.root());
  }
  return view;
}

}  // namespace stand_in
