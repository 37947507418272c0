#include "migration/ipam/node_ipam.h"

#include "api/names.h"
#include "calico/names.h"
#include "migration/ipam/ipam_handle.h"
#include "migration/ipam/placeholder.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

std::optional<net::IpAddress> internal_ip(const api::Node& node, net::Family family) {
  for (const auto& address : node.internal_ips) {
    if (address.family() == family) return address;
  }
  return std::nullopt;
}

// "172.18.0.3/16" or "172.18.0.3"
std::optional<net::IpAddress> address_of(const std::string* text) {
  if (text == nullptr) return std::nullopt;
  auto parsed = net::IpAddress::parse(text->substr(0, text->find('/')));
  if (!parsed) return std::nullopt;
  return *parsed;
}

std::optional<net::MacAddress> mac_of(const std::string* text) {
  if (text == nullptr) return std::nullopt;
  auto parsed = net::MacAddress::parse(*text);
  if (!parsed) return std::nullopt;
  return *parsed;
}

struct Outer {
  std::optional<net::MacAddress> mac;
  std::optional<net::IpAddress> public_ip;
};

Outer flannel_says(const NodeView& node, net::Family family) {
  if (!node.flannel) return {};
  if (family == net::Family::V4) return {node.flannel->vtep_mac, node.flannel->public_ip};
  return {node.flannel->vtep_mac_v6, node.flannel->public_ip_v6};
}

Outer calico_says(const api::Node& node, net::Family family) {
  const auto& meta = node.meta;
  if (family == net::Family::V4) {
    return {mac_of(meta.annotation(api::kCalicoVxlanMac)),
            address_of(meta.annotation(api::kCalicoIpv4Address))};
  }
  return {mac_of(meta.annotation(api::kCalicoVxlanMacV6)),
          address_of(meta.annotation(api::kCalicoIpv6Address))};
}

// A node that runs flannel has its data in flannel's annotations, also after a restart with another
// MAC; other nodes have theirs in Calico's. A node that never ran flannel gets the MAC that Felix
// would derive, and its InternalIP.
Outer outer_of(const NodeView& node, net::Family family) {
  const bool runs_flannel = node.network == Network::Flannel && !node.joined;
  const Outer first = runs_flannel ? flannel_says(node, family) : calico_says(node.node(), family);
  const Outer second = runs_flannel ? Outer{} : flannel_says(node, family);
  Outer outer{first.mac ? first.mac : second.mac,
              first.public_ip ? first.public_ip : second.public_ip};
  if (runs_flannel) return outer;
  if (!outer.mac) outer.mac = calico::derived_mac(node.name, family);
  if (!outer.public_ip) outer.public_ip = internal_ip(node.node(), family);
  return outer;
}

std::string_view family_name(net::Family family) {
  return family == net::Family::V4 ? "IPv4" : "IPv6";
}

// Name of the missing annotation.
std::string_view annotation_name(net::Family family, const Outer& outer) {
  const bool v4 = family == net::Family::V4;
  if (outer.mac) return v4 ? "public-ip" : "public-ipv6";
  return v4 ? "backend-data" : "backend-v6-data";
}

std::optional<calico::Vtep> vtep_of(const Survey& survey, const NodeView& node, net::Family family,
                                    NodeIpam& ipam) {
  const auto cidr = pod_cidr(node.node(), family);
  if (!cidr) {
    ipam.problem = fmt::format("node {} has no {} pod CIDR", node.name, family_name(family));
    return std::nullopt;
  }
  const Outer outer = outer_of(node, family);
  if (!outer.mac || !outer.public_ip) {
    ipam.problem = fmt::format("node {} lacks flannel's annotation {}{}", node.name,
                               survey.settings.annotation_prefix, annotation_name(family, outer));
    return std::nullopt;
  }
  return calico::Vtep{cidr->address(), *outer.mac, *outer.public_ip};
}

// Everything of one family: handle, blocks and affinities, into `missing`.
class FamilyPlan {
 public:
  // `blocks` in address order, the tunnel's first. Those that the node's reservation keeps from
  // being empty are added to `reserved`.
  FamilyPlan(const Survey& survey, const NodeView& node, std::vector<net::Cidr> blocks,
             NodeIpam& ipam, HandleBlocks& reserved)
      : cluster_(survey.cluster),
        node_(node),
        family_(blocks.front().family()),
        ipam_(ipam),
        reserved_(reserved),
        affinity_(calico::host_affinity(node.name)),
        blocks_(std::move(blocks)) {}

  void run() {
    handle();
    // Blocks of one node lie side by side in both lists: no search for each of a large cluster.
    auto next = cluster_.blocks.lower_bound(blocks_.front());
    for (const auto& cidr : blocks_) {
      while (next != cluster_.blocks.end() && next->first < cidr) ++next;
      const bool found = next != cluster_.blocks.end() && next->first == cidr;
      block(cidr, found ? &next->second : nullptr);
    }
    ipam_.blocks.insert(ipam_.blocks.end(), blocks_.begin(), blocks_.end());
  }

 private:
  void handle() {
    const auto id = calico::tunnel_handle(node_.name, family_);
    if (auto handle = missing_handle(cluster_, id, {{blocks_.front(), 1}}))
      ipam_.missing.emplace_back(std::move(*handle));
  }

  void block(const net::Cidr& cidr, const api::IpamBlock* there) {
    const bool first = cidr == blocks_.front();
    if (there == nullptr || there->deleted) {
      const auto placeholder = first ? std::nullopt : placeholder_for(cidr);
      if (placeholder) reserved_[cidr] = 1;
      ipam_.missing.emplace_back(CreateBlock{node_.name, cidr, first, placeholder});
    } else if (there->affinity != affinity_) {
      ipam_.conflicts.push_back({cidr, there->affinity});
      return;
    } else {
      first ? vtep(*there) : keep(*there);
    }
    affinity(cidr);
  }

  void keep(const api::IpamBlock& block) {
    const auto placeholder = missing_placeholder(block, node_.name);
    if (placeholder)
      ipam_.missing.emplace_back(ReserveAddresses{node_.name, block.cidr, {*placeholder}, {}});
    if (placeholder || !reserved_in(block, node_.name).empty()) reserved_[block.cidr] = 1;
  }

  void vtep(const api::IpamBlock& block) {
    const auto held = block.allocated.find(0);
    if (held == block.allocated.end()) {
      ipam_.missing.emplace_back(AllocateVtep{node_.name, block.cidr});
    } else if (held->second != calico::tunnel_handle(node_.name, family_)) {
      ipam_.problem =
          fmt::format("address {} of node {} is held by {}", block.cidr.address().to_string(),
                      node_.name, held->second.empty() ? "an unnamed owner" : held->second);
    }
  }

  void affinity(const net::Cidr& cidr) {
    const auto found = cluster_.affinities.find(calico::affinity_name(node_.name, cidr));
    const bool there = found != cluster_.affinities.end() && !found->second.deleted &&
                       (found->second.state == "confirmed" || found->second.state.empty());
    if (!there) ipam_.missing.emplace_back(CreateAffinity{node_.name, cidr});
  }

  const ClusterState& cluster_;
  const NodeView& node_;
  net::Family family_;
  NodeIpam& ipam_;
  HandleBlocks& reserved_;
  const std::string affinity_;
  const std::vector<net::Cidr> blocks_;
};

flannel::NodeAnnotations flannel_annotations(const Survey& survey, const calico::NodeVteps& vteps) {
  flannel::NodeAnnotations wanted;
  wanted.subnet_manager = true;
  wanted.backend_type = "vxlan";
  wanted.vni = survey.settings.vni;
  if (vteps.v4) {
    wanted.vtep_mac = vteps.v4->mac;
    wanted.public_ip = vteps.v4->public_ip;
  }
  if (vteps.v6) {
    wanted.vtep_mac_v6 = vteps.v6->mac;
    wanted.public_ip_v6 = vteps.v6->public_ip;
  }
  return wanted;
}

// The node's patch: Calico's annotations; a label when it has none; flannel's annotations when
// flannel never ran here, so that nodes still on flannel can reach it.
api::NodePatch missing_metadata(const Survey& survey, const NodeView& node,
                                const calico::NodeVteps& vteps, Network goal) {
  api::NodePatch patch;
  for (auto& [key, value] : calico::missing_annotations(vteps, node.node().meta.annotations)) {
    patch.annotations[key] = value;
  }
  if (!node.label && node.left_alone.empty()) {
    patch.labels[std::string(api::kNetworkLabel)] =
        std::string(label_value(node.joined ? goal : node.network));
  }
  if (node.network != Network::Flannel && !node.flannel) {
    const auto wanted = flannel_annotations(survey, vteps);
    for (auto& [key, value] :
         flannel::render_node_annotations(wanted, survey.settings.annotation_prefix)) {
      patch.annotations[key] = value;
    }
  }
  return patch;
}

// Deletes affinities left by an earlier node of the same name with another pod CIDR; otherwise
// Calico would assign addresses from them.
void drop_old_affinities(const Survey& survey, const NodeView& node, NodeIpam& ipam) {
  const auto& affinities = survey.cluster.affinities;
  auto found = affinities.lower_bound(node.name + "-");
  for (; found != affinities.end() && found->first.starts_with(node.name); ++found) {
    const auto& [name, affinity] = *found;
    const bool stray = affinity.node == node.name && survey.settings.cover(affinity.cidr) &&
                       !is_home(node.node(), affinity.cidr);
    if (stray) ipam.missing.emplace_back(DeleteAffinity{name});
  }
}

// A known node is labelled before its blocks are claimed, which keeps Calico's garbage collection
// off them. On a joined node Calico starts with the label, so everything has to be there before.
void add_metadata(const Survey& survey, const NodeView& node, Network goal, NodeIpam& ipam) {
  api::NodePatch patch = missing_metadata(survey, node, ipam.vteps, goal);
  if (patch.empty()) return;
  patch.uid = node.node().meta.uid;
  if (node.joined) drop_old_affinities(survey, node, ipam);
  PatchNode action{node.name, std::move(patch), node.joined ? "NodeJoined" : "IPAMPrepared",
                   "tunnel end point recorded for Calico"};
  ipam.missing.insert(node.joined ? ipam.missing.end() : ipam.missing.begin(), std::move(action));
}

// The handle comes first: a block must never name a handle that does not exist.
void add_reservation(const Survey& survey, const NodeView& node, HandleBlocks reserved,
                     NodeIpam& ipam) {
  if (reserved.empty()) return;
  const auto id = calico::reservation_handle(node.name);
  if (auto handle = missing_handle(survey.cluster, id, std::move(reserved)))
    ipam.missing.insert(ipam.missing.begin(), std::move(*handle));
}

// True if the node has that family. A node that is left alone may be a device with one family only.
bool carries(const Survey& survey, const NodeView& node, net::Family family) {
  const auto& settings = survey.settings;
  if (!(family == net::Family::V4 ? settings.network : settings.ipv6_network)) return false;
  if (node.left_alone.empty()) return true;
  const Outer told = flannel_says(node, family);
  return told.mac && told.public_ip && pod_cidr(node.node(), family);
}

}  // namespace

NodeIpam examine_ipam(const Survey& survey, const NodeView& node, Network goal,
                      const std::set<net::IpAddress>& live) {
  NodeIpam ipam;
  const bool v4 = carries(survey, node, net::Family::V4);
  const bool v6 = carries(survey, node, net::Family::V6);
  if (v4) ipam.vteps.v4 = vtep_of(survey, node, net::Family::V4, ipam);
  if (v6 && ipam.problem.empty()) ipam.vteps.v6 = vtep_of(survey, node, net::Family::V6, ipam);
  HandleBlocks reserved;
  ipam.complete = !v6 || survey.cluster.far_pods.has_value();
  for (const auto family : {net::Family::V4, net::Family::V6}) {
    const bool is_v4 = family == net::Family::V4;
    if (!ipam.problem.empty()) return ipam;
    if (!(is_v4 ? v4 : v6)) continue;
    const auto cidr = *pod_cidr(node.node(), family);
    const int size = is_v4 ? survey.spec.calico.block_size : survey.spec.calico.ipv6_block_size;
    auto blocks = blocks_of_node(survey.cluster, node.node(), family, size, live);
    if (blocks.empty()) {
      ipam.problem = fmt::format("pod CIDR {} of node {} is smaller than one block of /{}",
                                 cidr.to_string(), node.name, size);
      return ipam;
    }
    FamilyPlan(survey, node, std::move(blocks), ipam, reserved).run();
  }
  add_reservation(survey, node, std::move(reserved), ipam);
  add_metadata(survey, node, goal, ipam);
  return ipam;
}

}  // namespace migration
