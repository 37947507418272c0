#include "calico_stand_in/ipam.h"

#include "calico_stand_in/datastore.h"
#include "calico_stand_in/object_edits.h"
#include "json/writer.h"
#include "kube/reader.h"
#include "kube/writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace stand_in {
namespace {

std::string lower(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

kube::ObjectRef block_ref(const std::string& cidr) { return {kBlocks, "", name_of_cidr(cidr)}; }
kube::ObjectRef handle_ref(const std::string& handle) { return {kHandles, "", lower(handle)}; }

// Affinities are found by their labels, as releases since v3.31 do.
base::Result<std::vector<std::string>> own_blocks(kube::Transport& transport,
                                                  const std::string& node, net::Family family) {
  kube::ListQuery query;
  query.select.label_selector = fmt::format(
      "projectcalico.org/affinity-type=host,projectcalico.org/hostname-hash={},"
      "projectcalico.org/ip-version={}",
      hostname_hash(node), family == net::Family::V4 ? 4 : 6);
  std::vector<std::string> cidrs;
  std::optional<std::string> complaint;
  auto listed = kube::Reader(transport).list(kAffinities, query, [&](json::View affinity) {
    if (!complaint) complaint = complaint_about_affinity(affinity);
    if (affinity["spec"]["state"].string() == "confirmed")
      cidrs.push_back(affinity["spec"]["cidr"].string());
  });
  if (!listed) return tl::unexpected(listed.error());
  if (complaint) return base::fail(base::ErrorKind::Invalid, *complaint);
  std::sort(cidrs.begin(), cidrs.end());
  return cidrs;
}

std::string attribute_of(const Claim& claim) {
  json::Writer w;
  w.object().field("handle_id", claim.handle).key("secondary").string_map(claim.secondary).end();
  return w.text();
}

// Index of the attribute, which is added where it is not there yet.
std::size_t share_attribute(json::Document& block, const Claim& claim) {
  const auto wanted = json::Document::parse(attribute_of(claim)).value();
  const auto known = block["spec"]["attributes"].items();
  for (std::size_t i = 0; i < known.size(); ++i)
    if (json::equal(known[i], wanted.root())) return i;
  block.append("/spec/attributes", wanted.root());
  return known.size();
}

// All writes of a block count up, and an allocation remembers the number before its write.
std::int64_t count_up(json::Document& block) {
  const auto sequence = block["spec"]["sequenceNumber"].integer();
  block.set_integer("/spec/sequenceNumber", sequence + 1);
  return sequence;
}

// The ordinal that was taken; none when the block is full or somebody else's by now.
std::optional<std::int64_t> take_first(json::Document& block, const Claim& claim) {
  const auto spec = block["spec"];
  if (spec["affinity"].string() != "host:" + claim.node || spec["unallocated"].size() == 0)
    return std::nullopt;
  const auto ordinal = spec["unallocated"].at(0).integer();
  const auto index = share_attribute(block, claim);
  block.set_integer(fmt::format("/spec/allocations/{}", ordinal), static_cast<int>(index));
  block.erase("/spec/unallocated/0");
  block.set_integer(fmt::format("/spec/sequenceNumberForAllocation/{}", ordinal), count_up(block));
  return ordinal;
}

base::Result<std::optional<std::int64_t>> take_from(kube::Transport& transport,
                                                    const std::string& cidr, const Claim& claim) {
  std::optional<std::int64_t> taken;
  auto done = compare_and_swap(transport, block_ref(cidr),
                               [&](json::Document& block) -> base::Result<bool> {
                                 if (auto complaint = complaint_about_block(block.root()))
                                   return base::fail(base::ErrorKind::Invalid, *complaint);
                                 taken = take_first(block, claim);
                                 return taken.has_value();
                               });
  if (!done) return tl::unexpected(done.error());
  return taken;
}

base::Result<void> make_handle(kube::Transport& transport, const std::string& handle,
                               const std::string& cidr) {
  json::Writer w;
  w.object().field("apiVersion", kHandles.api_version()).field("kind", kHandles.kind);
  w.key("metadata").object().field("name", lower(handle)).end();
  w.key("spec").object().field("handleID", handle).key("deleted").boolean(false);
  w.key("block").object().key(cidr).integer(1).end().end().end();
  auto made = kube::Writer(transport).create(kHandles, "", w.text());
  if (!made) return tl::unexpected(made.error());
  return {};
}

// The handle comes before the block: what a crash leaves is a handle too many, never an address
// that nobody can find.
base::Result<void> count_in_handle(kube::Transport& transport, const std::string& handle,
                                   const std::string& cidr) {
  auto made = make_handle(transport, handle, cidr);
  if (made || made.error().kind != base::ErrorKind::AlreadyExists) return made;
  return compare_and_swap(transport, handle_ref(handle), [&](json::Document& object) {
    const auto path = "/spec/block/" + json::pointer_escape(cidr);
    object.set_integer(path, object["spec"]["block"][cidr].integer() + 1);
    return true;
  });
}

// Frees what the handle holds in one block; later attributes move up by one.
bool free_of(json::Document& block, const std::string& handle) {
  const auto spec = block["spec"];
  const auto attributes = spec["attributes"].items();
  const auto mine = std::find_if(attributes.begin(), attributes.end(), [&](json::View attribute) {
    return attribute["handle_id"].string() == handle;
  });
  if (mine == attributes.end()) return false;
  const auto index = mine - attributes.begin();
  const auto size = spec["allocations"].size();
  for (std::size_t ordinal = 0; ordinal < size; ++ordinal) {
    const auto owner = block["spec"]["allocations"].at(ordinal).maybe_integer();
    const auto path = fmt::format("/spec/allocations/{}", ordinal);
    if (owner && *owner > index) block.set_integer(path, *owner - 1);
    if (!owner || *owner != index) continue;
    block.set_null(path);
    block.append_integer("/spec/unallocated", static_cast<std::int64_t>(ordinal));
    block.erase(fmt::format("/spec/sequenceNumberForAllocation/{}", ordinal));
  }
  block.erase(fmt::format("/spec/attributes/{}", index));
  count_up(block);
  return true;
}

}  // namespace

base::Result<net::IpAddress> assign(kube::Transport& transport, const Claim& claim,
                                    net::Family family) {
  const auto cidrs = own_blocks(transport, claim.node, family);
  if (!cidrs) return tl::unexpected(cidrs.error());
  for (const auto& cidr : *cidrs) {
    if (auto counted = count_in_handle(transport, claim.handle, cidr); !counted)
      return tl::unexpected(counted.error());
    auto taken = take_from(transport, cidr, claim);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return net::Cidr::parse(cidr)->address().plus(static_cast<std::uint64_t>(**taken));
    if (auto undone = release(transport, claim.handle); !undone)
      return tl::unexpected(undone.error());
  }
  return base::fail(
      base::ErrorKind::Invalid,
      fmt::format("node {} has no free address in {} confirmed blocks", claim.node, cidrs->size()));
}

base::Result<void> release(kube::Transport& transport, const std::string& handle) {
  const auto held = kube::Reader(transport).get(handle_ref(handle));
  if (!held && held.error().kind == base::ErrorKind::NotFound) return {};
  if (!held) return tl::unexpected(held.error());
  std::set<std::string> cidrs;
  for (const auto& [cidr, count] : (*held)["spec"]["block"].members()) cidrs.emplace(cidr);
  return release_in(transport, handle, cidrs);
}

base::Result<void> release_in(kube::Transport& transport, const std::string& handle,
                              const std::set<std::string>& cidrs) {
  for (const auto& cidr : cidrs) {
    auto freed = compare_and_swap(transport, block_ref(cidr),
                                  [&](json::Document& block) { return free_of(block, handle); });
    if (!freed && freed.error().kind != base::ErrorKind::NotFound) return freed;
  }
  return remove_marked(transport, handle_ref(handle), [](json::Document& object) {
    object.set_boolean("/spec/deleted", true);
    return true;
  });
}

base::Result<void> check_tunnel(kube::Transport& transport, const std::string& node,
                                const net::IpAddress& address, const net::Cidr& cidr) {
  const auto invalid = [&](const std::string& what) {
    return base::fail(base::ErrorKind::Invalid,
                      fmt::format("tunnel address {}: {}", address.to_string(), what));
  };
  const auto block = kube::Reader(transport).get(block_ref(cidr.to_string()));
  if (!block) return tl::unexpected(block.error());
  const auto spec = (*block)["spec"];
  const auto owner = spec["allocations"].at(address.minus(cidr.address())).maybe_integer();
  if (!owner) return invalid("not allocated in its block");
  const auto attribute = spec["attributes"].at(static_cast<std::size_t>(*owner));
  if (attribute["secondary"]["type"].string() !=
      (address.family() == net::Family::V4 ? "vxlanTunnelAddress" : "vxlanV6TunnelAddress"))
    return invalid("allocated as " + attribute.dump());
  if (attribute["secondary"]["node"].string() != node)
    return invalid("allocated to " + attribute.dump());
  return {};
}

}  // namespace stand_in
