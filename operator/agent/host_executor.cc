#include "agent/host_executor.h"

#include "base/log.h"
#include "base/overloaded.h"
#include "hostnet/paths.h"

#include <net/if.h>
#include <signal.h>
#include <unistd.h>

namespace agent {
namespace {

// Takes NotFound for success: what is to be deleted is gone already, by another program or an
// earlier run.
base::Result<void> gone_is_fine(base::Result<void> result) {
  if (!result && result.error().kind == base::ErrorKind::NotFound) return {};
  return result;
}

bool may_wait(const hostnet::HostAction& action) {
  return std::holds_alternative<hostnet::DestroyIpSet>(action);
}

}  // namespace

base::Result<void> HostExecutor::step(base::Result<void> result) {
  if (options_.kill_after > 0 && ++changes_ == options_.kill_after) kill(getpid(), SIGKILL);
  return result;
}

base::Result<void> HostExecutor::run(const std::vector<hostnet::HostAction>& actions) {
  base::Result<void> verdict;
  for (const auto& action : actions) {
    const auto result = step(perform(action));
    const auto text = hostnet::describe(action);
    base::log_info("action", {{"action", text}, {"error", result ? "" : result.error().message}});
    if (result) continue;
    if (verdict) verdict = tl::unexpected(result.error().with_context(text));
    if (!may_wait(action)) return verdict;
  }
  return verdict;
}

base::Result<void> HostExecutor::perform(const hostnet::HostAction& action) {
  auto& kernel = interfaces_.kernel;
  return std::visit(
      base::overloaded{
          [&](const hostnet::WriteConf& a) {
            return files_.write(a.path, a.text, Notice::Watchers);
          },
          [&](const hostnet::WriteFile& a) { return files_.write(a.path, a.text, Notice::None); },
          [&](const hostnet::MovePath& a) { return files_.move(a.from, a.to); },
          [&](const hostnet::RemovePath& a) { return files_.remove(a.path); },
          [&](const hostnet::RenameLink& a) { return rename(a); },
          [&](const hostnet::AddBridge& a) { return add_bridge(a); },
          [&](const hostnet::SetProxyArp& a) { return kernel.set_proxy_arp(a.index, a.on); },
          [&](const hostnet::SetMtu& a) { return kernel.set_mtu(a.index, a.mtu); },
          [&](const hostnet::SetUp& a) { return kernel.set_up(a.index, true); },
          [&](const hostnet::RestoreDeviceState& a) { return restore(a.device_state); },
          [&](const hostnet::DeleteLink& a) { return gone_is_fine(kernel.delete_link(a.index)); },
          [&](const hostnet::SetRoute& a) { return kernel.replace_route(a.route); },
          [&](const hostnet::DropRoute& a) { return gone_is_fine(kernel.delete_route(a.route)); },
          [&](const hostnet::SetRoutes& a) { return kernel.replace_routes(a.routes); },
          [&](const hostnet::DropRoutes& a) {
            return gone_is_fine(kernel.delete_routes(a.routes));
          },
          [&](const hostnet::CutFilter& a) {
            return a.cut.backend == netlink::FilterBackend::Nft ? interfaces_.nft.cut(a.cut)
                                                                : interfaces_.xtables.cut(a.cut);
          },
          [&](const hostnet::RenameChains& a) {
            return a.rename.backend == netlink::FilterBackend::Nft
                       ? interfaces_.nft.rename(a.rename)
                       : interfaces_.xtables.rename(a.rename);
          },
          [&](const hostnet::DestroyIpSet& a) {
            return gone_is_fine(interfaces_.ip_sets.destroy(a.name));
          }},
      action);
}

// Sets the bridge up last: flannel's plugin uses any bridge of that name, even an unfinished one.
base::Result<void> HostExecutor::add_bridge(const hostnet::AddBridge& action) {
  auto& kernel = interfaces_.kernel;
  const auto made = step(kernel.add_bridge(action.name, action.mtu));
  if (!made && made.error().kind != base::ErrorKind::AlreadyExists) return made;
  const auto index = if_nametoindex(action.name.c_str());
  if (auto done = step(keep_bridge_mac(index)); !done) return done;
  for (auto address : action.addresses) {
    address.link = index;
    if (auto done = step(kernel.replace_address(address)); !done) return done;
  }
  return kernel.set_up(index, true);
}

base::Result<void> HostExecutor::keep_bridge_mac(std::uint32_t index) {
  const auto links = interfaces_.kernel.links();
  if (!links) return tl::unexpected(links.error());
  for (const auto& link : *links) {
    if (link.index == index && link.mac) return interfaces_.kernel.set_mac(index, *link.mac);
  }
  return {};
}

// Sets the MAC, which makes the kernel forget the neighbours, and restores them at once; packets to
// them wait in the kernel meanwhile.
base::Result<void> HostExecutor::keep_mac(const hostnet::RenameLink& action) {
  if (auto done = step(files_.write(hostnet::kSavedDevicesFile, action.memory, Notice::None));
      !done)
    return done;
  if (auto done = step(interfaces_.kernel.set_mac(action.index, *action.mac)); !done) return done;
  hostnet::DeviceState neighbours;
  neighbours.neighbours = action.device_state.neighbours;
  return restore(neighbours);
}

base::Result<void> HostExecutor::rename(const hostnet::RenameLink& action) {
  if (options_.rename == RenameMode::Down) return rename_down(action);
  if (action.mac) {
    if (auto done = keep_mac(action); !done) return done;
  }
  auto result = interfaces_.kernel.rename(action.index, action.to);
  const bool busy = !result && result.error().kind == base::ErrorKind::Conflict;
  return busy ? rename_down(action) : result;
}

// Prepares everything before the device goes down, so that packets are lost only during a few
// system calls. Most kernels keep the FDB; it is restored for those that do not.
base::Result<void> HostExecutor::rename_down(const hostnet::RenameLink& action) {
  auto& kernel = interfaces_.kernel;
  if (auto done = step(files_.write(hostnet::kSavedDevicesFile, action.memory, Notice::None));
      !done)
    return done;
  if (auto done = step(kernel.set_up(action.index, false)); !done) return done;
  if (action.mac) {
    if (auto done = step(kernel.set_mac(action.index, *action.mac)); !done) return done;
  }
  const auto renamed = step(kernel.rename(action.index, action.to));
  if (auto done = step(kernel.set_up(action.index, true)); !done) return done;
  const auto laid = restore(action.device_state);
  return renamed ? laid : renamed;
}

// Addresses come first: routes name them as their source.
base::Result<void> HostExecutor::restore(const hostnet::DeviceState& device_state) {
  auto& kernel = interfaces_.kernel;
  for (const auto& one : device_state.addresses) {
    if (auto done = step(kernel.replace_address(one)); !done) return done;
  }
  for (const auto& one : device_state.neighbours) {
    if (auto done = step(kernel.replace_neighbour(one)); !done) return done;
  }
  if (!device_state.routes.empty()) {
    if (auto done = step(kernel.replace_routes(device_state.routes)); !done) return done;
  }
  for (const auto& one : device_state.fdb) {
    if (auto done = step(kernel.replace_fdb(one)); !done) return done;
  }
  return {};
}

}  // namespace agent
