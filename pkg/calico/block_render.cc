#include "calico/block.h"
#include "calico/names.h"
#include "json/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace calico {
namespace {

using net::Family;

void open_object(json::Writer& out, std::string_view kind, std::string_view name) {
  out.object().field("apiVersion", "crd.projectcalico.org/v1").field("kind", kind);
  out.key("metadata").object().field("name", name);
}

std::int64_t nanoseconds(base::TimePoint time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

// `strictAffinity` is never read, but the CRD requires it.
std::string render_empty_block(std::string_view node, const net::Cidr& cidr, base::TimePoint now) {
  const auto size = static_cast<std::int64_t>(cidr.size());
  json::Writer out;
  open_object(out, "IPAMBlock", cidr_name(cidr));
  out.end().key("spec").object().field("cidr", cidr.to_string());
  out.field("affinity", host_affinity(node)).field("affinityClaimTime", base::to_rfc3339(now));
  out.key("allocations").array();
  for (std::int64_t i = 0; i < size; ++i) out.null();
  out.end().key("unallocated").array();
  for (std::int64_t i = 0; i < size; ++i) out.integer(i);
  out.end().key("attributes").array().end();
  out.key("sequenceNumber").integer(nanoseconds(now));
  out.key("sequenceNumberForAllocation").object().end();
  out.key("deleted").boolean(false).key("strictAffinity").boolean(false);
  return out.end().end().text();
}

using Holding = std::pair<Owner, std::set<std::uint32_t>>;

std::vector<Holding> by_owner(const std::map<std::uint32_t, Owner>& allocated) {
  std::vector<Holding> holdings;
  for (const auto& [ordinal, owner] : allocated) {
    auto found = std::find_if(holdings.begin(), holdings.end(),
                              [&who = owner](const auto& holding) { return holding.first == who; });
    if (found == holdings.end()) found = holdings.insert(holdings.end(), {owner, {}});
    found->second.insert(ordinal);
  }
  return holdings;
}

}  // namespace

Owner tunnel_owner(std::string_view node, Family family) {
  const auto* type = family == Family::V4 ? "vxlanTunnelAddress" : "vxlanV6TunnelAddress";
  return {tunnel_handle(node, family), {{"node", std::string(node)}, {"type", type}}};
}

Owner reservation_owner(std::string_view node) {
  return {reservation_handle(node),
          {{"node", std::string(node)}, {"type", "flannelMigrationReservation"}}};
}

std::string render_block(std::string_view node, const net::Cidr& cidr,
                         const std::map<std::uint32_t, Owner>& allocated, base::TimePoint now) {
  auto empty = render_empty_block(node, cidr, now);
  if (allocated.empty()) return empty;
  auto block = json::Document::parse(empty).value();
  for (const auto& [owner, ordinals] : by_owner(allocated)) {
    const auto added = allocate(block, ordinals, owner, WhenHeld::Refuse);
    if (!added) throw std::logic_error("render_block: " + added.error().message);
  }
  bump_sequence(block);
  return block.dump();
}

std::string render_affinity(std::string_view node, const net::Cidr& cidr) {
  json::Writer out;
  open_object(out, "BlockAffinity", affinity_name(node, cidr));
  out.key("labels").object().field("projectcalico.org/affinity-type", "host");
  out.field("projectcalico.org/hostname-hash", hostname_hash(node));
  out.field("projectcalico.org/ip-version", cidr.family() == Family::V4 ? "4" : "6");
  out.end().end().key("spec").object().field("cidr", cidr.to_string());
  out.field("deleted", "false").field("node", node);
  out.field("state", "confirmed").field("type", "host");
  return out.end().end().text();
}

std::string render_handle(std::string_view handle_id, const std::map<net::Cidr, int>& blocks) {
  json::Writer out;
  open_object(out, "IPAMHandle", handle_name(handle_id));
  out.end().key("spec").object().field("handleID", handle_id);
  out.key("block").object();
  for (const auto& [cidr, count] : blocks) out.key(cidr.to_string()).integer(count);
  out.end().key("deleted").boolean(false);
  return out.end().end().text();
}

}  // namespace calico
