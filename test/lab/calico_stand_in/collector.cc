#include "calico_stand_in/collector.h"

#include "calico_stand_in/datastore.h"
#include "calico_stand_in/ipam.h"
#include "calico_stand_in/object_edits.h"

#include <fmt/format.h>

#include <algorithm>

namespace stand_in {
namespace {

bool is_gone(const std::string& node, const IpamView& view) {
  return !view.networks.contains(node);
}

bool is_on_its_way(const std::string& node, const IpamView& view) {
  const auto network = view.networks.find(node);
  return network != view.networks.end() && !network->second.empty() && network->second != "calico";
}

// What cannot be told is taken for living, as Calico does.
bool lives(const Holder& holder, const IpamView& view) {
  const auto pod = view.pods.find(holder.pod);
  if (pod == view.pods.end()) return false;
  const auto& state = pod->second;
  if (!state.node.empty() && !is_gone(holder.node, view) && state.node != holder.node) return false;
  if (state.addresses.empty()) return true;  // it is being started
  if (state.finished) return false;
  return std::ranges::find(state.addresses, holder.address) != state.addresses.end();
}

base::Result<bool> mark_if_empty(json::Document& block) {
  for (std::size_t i = 0; i < block["spec"]["allocations"].size(); ++i)
    if (block["spec"]["allocations"].at(i).exists())
      return base::fail(base::ErrorKind::Conflict, "the block is not empty");
  block.set_boolean("/spec/deleted", true);
  return true;
}

}  // namespace

bool Collector::has_lasted(Since& since, const std::string& what, const Scan& scan) {
  if (scan.grace.count() == 0) return false;
  const auto now = Clock::now();
  const auto [first, is_new] = since.try_emplace(what, now);
  return !is_new && now - first->second > scan.grace;
}

bool Collector::is_leaked(const Holder& holder, const Scan& scan) {
  const auto key = holder.handle + "/" + holder.address;
  const bool candidate = !holder.pod.empty() && !lives(holder, scan.view);
  if (!candidate) leaked_.erase(key);
  return candidate && (is_gone(holder.node, scan.view) || has_lasted(leaked_, key, scan));
}

void Collector::find_leaks(Scan& scan) {
  std::set<std::string> kept;  // handles
  for (const auto& block : scan.view.blocks) {
    for (const auto& holder : block.holders) {
      if (holder.handle.empty() || holder.node.empty() || holder.is_tunnel) continue;
      if (is_leaked(holder, scan)) {
        scan.leaks[holder.handle].insert(block.cidr);
      } else {
        kept.insert(holder.handle);
        scan.in_use.insert(holder.node);
      }
    }
  }
  for (const auto& handle : kept) scan.leaks.erase(handle);
}

void Collector::find_tunnels_of_nodes_that_are_gone(Scan& scan) {
  for (const auto& block : scan.view.blocks)
    for (const auto& holder : block.holders)
      if (holder.is_tunnel && is_gone(holder.node, scan.view) && !scan.in_use.contains(holder.node))
        scan.leaks[holder.handle].insert(block.cidr);
}

base::Result<void> Collector::free_leaks(Scan& scan) {
  for (const auto& [handle, cidrs] : scan.leaks) {
    if (auto freed = release_in(transport_, handle, cidrs); !freed) return freed;
    scan.done += ", freed " + handle;
  }
  return {};
}

bool Collector::is_due(const OwnedBlock& block, const Scan& scan) {
  const bool waits = !block.node.empty() && block.holders.empty();
  if (waits && !is_on_its_way(block.node, scan.view)) return has_lasted(empty_, block.cidr, scan);
  empty_.erase(block.cidr);
  return false;
}

base::Result<void> Collector::release_empty_blocks(Scan& scan) {
  std::map<std::string, int> counts;
  for (const auto& block : scan.view.blocks) ++counts[block.node];
  for (const auto& block : scan.view.blocks) {
    if (counts[block.node] <= 1 || !is_due(block, scan)) continue;
    if (auto released = release_block(block, scan); !released) return released;
    --counts[block.node];
  }
  return {};
}

base::Result<void> Collector::release_nodes_that_are_gone(Scan& scan) {
  for (const auto& block : scan.view.blocks) {
    const bool wanted = block.node.empty() || !is_gone(block.node, scan.view);
    if (wanted || scan.in_use.contains(block.node)) continue;
    if (auto released = release_block(block, scan); !released) return released;
  }
  return {};
}

base::Result<void> Collector::release_block(const OwnedBlock& block, Scan& scan) {
  const auto name = name_of_cidr(block.cidr);
  const kube::ObjectRef affinity{kAffinities, "", block.node + "-" + name};
  auto released = compare_and_swap(transport_, affinity, [](json::Document& object) {
    object.set_string("/spec/state", "pendingDeletion");
    return true;
  });
  if (released) released = remove_marked(transport_, {kBlocks, "", name}, mark_if_empty);
  if (released)
    released = remove_marked(transport_, affinity, [](json::Document& object) {
      object.set_string("/spec/deleted", "true");
      return true;
    });
  if (released) scan.done += ", released " + block.cidr;
  empty_.erase(block.cidr);
  // Calico puts up with an affinity that is not there, and tries the others again later.
  if (!released) scan.done += fmt::format(", kept {}: {}", block.cidr, released.error().message);
  return {};
}

base::Result<std::string> Collector::scan(std::chrono::milliseconds grace) {
  auto view = read_ipam_view(transport_);
  if (!view) return tl::unexpected(view.error());
  Scan scan{*std::move(view), grace, {}, {}, {}};
  find_leaks(scan);
  find_tunnels_of_nodes_that_are_gone(scan);
  auto done = free_leaks(scan);
  if (done) done = release_empty_blocks(scan);
  if (done) done = release_nodes_that_are_gone(scan);
  if (!done) return tl::unexpected(done.error());
  const auto& blocks = scan.view.blocks;
  const auto empty = std::ranges::count_if(blocks, [](const auto& b) { return b.holders.empty(); });
  return fmt::format("scan: {} of {} blocks empty{}", empty, blocks.size(), scan.done);
}

}  // namespace stand_in
