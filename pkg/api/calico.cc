#include "api/calico.h"

#include "api/read_values.h"

#include <fmt/format.h>

namespace api {
namespace {

base::Result<net::Cidr> require_cidr(std::string_view kind, const ObjectStamp& meta,
                                     json::View text) {
  auto cidr = net::Cidr::parse(text.string_view());
  if (cidr) return cidr;
  return tl::unexpected(
      cidr.error().with_context(fmt::format("{} {}: spec.cidr", kind, meta.name)));
}

std::map<std::uint32_t, std::string> parse_allocated(json::View spec) {
  std::map<std::uint32_t, std::string> allocated;
  const auto attributes = spec["attributes"].items();
  std::uint32_t ordinal = 0;
  for (const auto& entry : spec["allocations"].items()) {
    if (const auto index = entry.maybe_integer()) {
      const bool known = *index >= 0 && static_cast<std::uint64_t>(*index) < attributes.size();
      allocated[ordinal] = known ? attributes[*index]["handle_id"].string() : "";
    }
    ++ordinal;
  }
  return allocated;
}

// Name of the node of a pod's address; empty for tunnel addresses, which have a type and name their
// node in the handle.
std::string_view pods_node(json::View attribute) {
  const auto owner = attribute["secondary"];
  return owner["type"].exists() ? std::string_view() : owner["node"].string_view();
}

std::vector<std::pair<std::uint32_t, std::string>> parse_borrowed(json::View spec) {
  std::vector<std::pair<std::uint32_t, std::string>> borrowed;
  const auto holder = spec["affinity"].string_view();
  const auto attributes = spec["attributes"].items();
  std::uint32_t ordinal = 0;
  for (const auto& entry : spec["allocations"].items()) {
    const auto index = entry.maybe_integer().value_or(-1);
    if (index >= 0 && static_cast<std::uint64_t>(index) < attributes.size()) {
      const auto node = pods_node(attributes[index]);
      const bool own = holder.starts_with("host:") && holder.substr(5) == node;
      if (!node.empty() && !own) borrowed.emplace_back(ordinal, node);
    }
    ++ordinal;
  }
  return borrowed;
}

// A bool, or the string "true" as BlockAffinity has it in group v1.
bool parse_deleted(json::View value) { return value.boolean() || value.string_view() == "true"; }

std::string text_or(json::View value, std::string_view when_empty) {
  const auto text = value.string_view();
  return std::string(text.empty() ? when_empty : text);
}

std::map<std::string, int> parse_handle_blocks(json::View blocks) {
  std::map<std::string, int> counts;
  for (const auto& [cidr, count] : blocks.members()) counts.emplace(cidr, read_int(count));
  return counts;
}

}  // namespace

IpPool parse_ip_pool(json::View object) {
  const auto spec = object["spec"];
  IpPool pool;
  pool.meta = parse_meta(object);
  pool.cidr_text = spec["cidr"].string();
  pool.cidr = read_cidr(spec["cidr"]);
  pool.vxlan_mode = spec["vxlanMode"].string();
  pool.ipip_mode = spec["ipipMode"].string();
  pool.nat_outgoing = spec["natOutgoing"].boolean();
  pool.disabled = spec["disabled"].boolean();
  pool.block_size = read_int(spec["blockSize"]);
  pool.node_selector = spec["nodeSelector"].string();
  pool.allowed_uses = spec["allowedUses"].strings();
  pool.assignment_mode = spec["assignmentMode"].string();
  pool.namespace_selector = spec["namespaceSelector"].string();
  pool.json = object.dump();
  return pool;
}

FelixConfiguration parse_felix_configuration(json::View object) {
  const auto spec = object["spec"];
  FelixConfiguration felix;
  felix.meta = parse_meta(object);
  felix.vxlan_enabled = spec["vxlanEnabled"].maybe_boolean();
  felix.vxlan_vni = spec["vxlanVNI"].maybe_integer();
  felix.vxlan_port = spec["vxlanPort"].maybe_integer();
  felix.vxlan_mtu = spec["vxlanMTU"].maybe_integer();
  felix.vxlan_mtu_v6 = spec["vxlanMTUV6"].maybe_integer();
  felix.health_port = spec["healthPort"].maybe_integer();
  felix.device_route_protocol = spec["deviceRouteProtocol"].maybe_integer();
  felix.bpf_enabled = spec["bpfEnabled"].maybe_boolean();
  felix.wireguard_enabled = spec["wireguardEnabled"].maybe_boolean();
  felix.wireguard_enabled_v6 = spec["wireguardEnabledV6"].maybe_boolean();
  felix.json = object.dump();
  return felix;
}

IpamConfig parse_ipam_config(json::View object) {
  const auto spec = object["spec"];
  IpamConfig config;
  config.meta = parse_meta(object);
  config.strict_affinity = spec["strictAffinity"].boolean(false);
  config.auto_allocate_blocks = spec["autoAllocateBlocks"].boolean(true);
  config.max_blocks_per_host = spec["maxBlocksPerHost"].integer();
  config.json = object.dump();
  return config;
}

ClusterInformation parse_cluster_information(json::View object) {
  const auto spec = object["spec"];
  return {parse_meta(object), spec["datastoreReady"].maybe_boolean(),
          spec["calicoVersion"].string()};
}

base::Result<IpamBlock> parse_ipam_block(json::View object) {
  const auto spec = object["spec"];
  IpamBlock block;
  block.meta = parse_stamp(object);
  const auto cidr = require_cidr("IPAMBlock", block.meta, spec["cidr"]);
  if (!cidr) return tl::unexpected(cidr.error());
  block.cidr = *cidr;
  block.affinity = spec["affinity"].string();
  block.allocated = parse_allocated(spec);
  block.borrowed = parse_borrowed(spec);
  block.deleted = parse_deleted(spec["deleted"]);
  return block;
}

base::Result<BlockAffinity> parse_block_affinity(json::View object) {
  const auto spec = object["spec"];
  BlockAffinity affinity;
  affinity.meta = parse_stamp(object);
  const auto cidr = require_cidr("BlockAffinity", affinity.meta, spec["cidr"]);
  if (!cidr) return tl::unexpected(cidr.error());
  affinity.cidr = *cidr;
  affinity.node = spec["node"].string();
  affinity.state = text_or(spec["state"], "confirmed");
  affinity.type = text_or(spec["type"], "host");
  affinity.deleted = parse_deleted(spec["deleted"]);
  return affinity;
}

IpamHandle parse_ipam_handle(json::View object) {
  const auto spec = object["spec"];
  return {parse_stamp(object), spec["handleID"].string(), parse_handle_blocks(spec["block"]),
          parse_deleted(spec["deleted"])};
}

}  // namespace api
