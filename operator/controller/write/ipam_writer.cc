#include "controller/write/ipam_writer.h"

#include "calico/block.h"
#include "calico/names.h"
#include "controller/snapshot/delete_result.h"
#include "controller/snapshot/resources.h"
#include "controller/snapshot/snapshot_builder.h"

namespace controller {
namespace {

Change apply_block(const json::Document& document) {
  auto block = api::parse_ipam_block(document.root());
  if (!block) return [](SnapshotBuilder&) {};
  return [block = std::move(*block)](SnapshotBuilder& snapshot) { snapshot.apply(block); };
}

Change apply_affinity(const json::Document& document) {
  auto affinity = api::parse_block_affinity(document.root());
  if (!affinity) return [](SnapshotBuilder&) {};
  return [affinity = std::move(*affinity)](SnapshotBuilder& snapshot) { snapshot.apply(affinity); };
}

Change apply_handle(const json::Document& document) {
  return [handle = api::parse_ipam_handle(document.root())](SnapshotBuilder& snapshot) {
    snapshot.apply(handle);
  };
}

// Returns whether the handle named other blocks; the counts of blocks that it names are left to
// Calico.
bool set_blocks(json::Document& handle, const std::map<net::Cidr, int>& wanted) {
  const auto before = api::parse_ipam_handle(handle.root()).blocks;
  std::map<std::string, int> blocks;
  for (const auto& [cidr, count] : wanted) {
    const auto named = before.find(cidr.to_string());
    blocks[cidr.to_string()] = named == before.end() ? count : named->second;
  }
  if (blocks == before) return false;
  handle.erase("/spec/block");
  handle.set_object("/spec/block");
  for (const auto& [cidr, count] : blocks)
    handle.set_integer("/spec/block/" + json::pointer_escape(cidr), count);
  return true;
}

// "true" in BlockAffinities, true elsewhere.
bool marked_deleted(const json::Document& object) {
  const auto mark = object["spec"]["deleted"];
  return mark.boolean() || mark.string_view() == "true";
}

kube::DeleteOptions exactly(const json::Document& object) {
  return {.uid = object["metadata"]["uid"].string(),
          .resource_version = object["metadata"]["resourceVersion"].string()};
}

template <typename Apply>
base::Result<Change> applied(const base::Result<json::Document>& answer, Apply apply) {
  if (!answer) return base::Failure(answer.error());
  return apply(*answer);
}

}  // namespace

base::Result<json::Document> IpamWriter::create(const kube::Resource& resource,
                                                const std::string& name,
                                                const std::string& body) const {
  auto created = writer_.create(resource, "", body);
  if (created || created.error().kind != base::ErrorKind::AlreadyExists) return created;
  const kube::ObjectRef ref{resource, "", name};
  auto existing = reader_.get(ref);
  if (!existing) return existing;
  if (!marked_deleted(*existing)) return existing;
  if (auto removed = writer_.remove(ref, exactly(*existing)); !removed) return removed;
  return writer_.create(resource, "", body);
}

base::Result<Change> IpamWriter::run(const migration::CreateBlock& action) const {
  std::map<std::uint32_t, calico::Owner> allocated;
  if (action.holds_vtep) allocated[0] = calico::tunnel_owner(action.node, action.cidr.family());
  if (action.placeholder) allocated[*action.placeholder] = calico::reservation_owner(action.node);
  const auto body = calico::render_block(action.node, action.cidr, allocated, clock_.now());
  return applied(create(kIpamBlocks, calico::cidr_name(action.cidr), body), apply_block);
}

base::Result<Change> IpamWriter::run(const migration::CreateAffinity& action) const {
  const auto name = calico::affinity_name(action.node, action.cidr);
  const auto body = calico::render_affinity(action.node, action.cidr);
  auto answer = create(kBlockAffinities, name, body);
  if (!answer) return base::Failure(answer.error());
  const auto state = (*answer)["spec"]["state"].string();
  if (state == "confirmed" || state.empty()) return apply_affinity(*answer);
  // A pending affinity may be confirmed: its block exists and belongs to the node.
  answer->set_string("/spec/state", "confirmed");
  return applied(writer_.replace({kBlockAffinities, "", name}, answer->dump()), apply_affinity);
}

base::Result<Change> IpamWriter::run(const migration::CreateHandle& action) const {
  const auto name = calico::handle_name(action.handle_id);
  auto answer = create(kIpamHandles, name, calico::render_handle(action.handle_id, action.blocks));
  if (!answer || !action.correct || !set_blocks(*answer, action.blocks))
    return applied(answer, apply_handle);
  return applied(writer_.replace({kIpamHandles, "", name}, answer->dump()), apply_handle);
}

base::Result<Change> IpamWriter::edit_block(const net::Cidr& cidr, const Edit& edit) const {
  const kube::ObjectRef ref{kIpamBlocks, "", calico::cidr_name(cidr)};
  auto block = reader_.get(ref);
  if (!block) return base::Failure(block.error());
  auto changed = edit(*block);
  if (!changed) return base::Failure(changed.error().with_context("block " + cidr.to_string()));
  if (!*changed) return apply_block(*block);
  calico::bump_sequence(*block);
  return applied(writer_.replace(ref, block->dump()), apply_block);
}

base::Result<Change> IpamWriter::run(const migration::AllocateVtep& action) const {
  return edit_block(action.block, [&action](json::Document& block) -> base::Result<bool> {
    const auto owner = calico::tunnel_owner(action.node, action.block.family());
    auto added = calico::allocate(block, {0}, owner, calico::WhenHeld::Refuse);
    if (!added) return base::Failure(added.error());
    return *added > 0;
  });
}

base::Result<Change> IpamWriter::run(const migration::ReserveAddresses& action) const {
  return edit_block(action.block, [&action](json::Document& block) -> base::Result<bool> {
    const auto freed = calico::release_ordinals(block, action.left_behind);
    if (!freed) return base::Failure(freed.error());
    auto added = calico::allocate(block, action.ordinals, calico::reservation_owner(action.node),
                                  calico::WhenHeld::Skip);
    if (!added) return base::Failure(added.error());
    return *freed > 0 || *added > 0;
  });
}

base::Result<Change> IpamWriter::run(const migration::ReleaseReservation& action) const {
  auto result = edit_block(action.block, [&action](json::Document& block) -> base::Result<bool> {
    auto freed = calico::release(block, action.ordinals, calico::reservation_handle(action.node));
    if (!freed) return base::Failure(freed.error());
    return *freed > 0;
  });
  if (!result && result.error().kind == base::ErrorKind::NotFound)
    return Change([](SnapshotBuilder&) {});
  return result;
}

base::Result<Change> IpamWriter::run(const migration::DeleteBlock& action) const {
  return deleted(
      writer_.remove({kIpamBlocks, "", action.name}, {.resource_version = action.resource_version}),
      Kind::IpamBlocks, action.name);
}

base::Result<Change> IpamWriter::run(const migration::DeleteAffinity& action) const {
  return deleted(writer_.remove({kBlockAffinities, "", action.name}), Kind::BlockAffinities,
                 action.name);
}

base::Result<Change> IpamWriter::run(const migration::DeleteHandle& action) const {
  const auto name = calico::handle_name(action.handle_id);
  return deleted(writer_.remove({kIpamHandles, "", name}), Kind::IpamHandles, name);
}

}  // namespace controller
