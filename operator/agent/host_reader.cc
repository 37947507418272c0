#include "agent/host_reader.h"

#include "agent/facts.h"
#include "agent/listening.h"
#include "flannel/cni_plugin.h"
#include "hostnet/bridge.h"
#include "hostnet/lease_place.h"
#include "hostnet/lookups.h"
#include "hostnet/paths.h"
#include "hostnet/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace agent {
namespace {

// Limits far above any real number: a file or folder beyond was not made by a network plugin.
constexpr std::size_t kMaxConfs = 1000;
constexpr std::size_t kMaxConfBytes = 1u << 20;
constexpr std::size_t kMaxNetworks = 1000;
constexpr std::size_t kMaxLeases = 70'000;
constexpr std::size_t kMaxLeaseBytes = 4096;
constexpr std::size_t kMaxSubnetEnvBytes = 64u << 10;
constexpr std::size_t kMaxMemoryBytes = 16u << 20;

template <typename T>
base::Result<void> put(T& out, base::Result<T> result) {
  if (!result) return tl::unexpected(result.error());
  out = std::move(*result);
  return {};
}

// kube-proxy may have tens of thousands of rules: they are read only where they matter, and not
// over and over while Felix is waited for.
bool wants_filters(api::AgentOperation operation, bool felix_alive) {
  switch (operation) {
    case api::AgentOperation::HandOver:
    case api::AgentOperation::CutOver:
    case api::AgentOperation::Clean:
    case api::AgentOperation::Finalize:
      return true;
    case api::AgentOperation::HandBack:
    case api::AgentOperation::CutBack:
      return !felix_alive;
    case api::AgentOperation::Preflight:
    case api::AgentOperation::Verify:
    case api::AgentOperation::Probe:
    case api::AgentOperation::FreeLeases:
      return false;
  }
  return false;
}

// Reads what netlink does not report. The system's files of devices belong to the network namespace
// in which they were mounted, which is the host's. Only tunnels are read, as no other device is
// renamed.
void read_mac_origins(std::vector<netlink::Link>& links) {
  constexpr int kSetByUserspace = 3;  // NET_ADDR_SET
  for (auto& link : links) {
    if (!link.vxlan) continue;
    std::ifstream file("/sys/class/net/" + link.name + "/addr_assign_type");
    int type = 0;
    link.mac_is_set = file >> type && type == kSetByUserspace;
  }
}

bool has_files(const std::vector<FileEntry>& entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const auto& entry) { return entry.type != FileType::Folder; });
}

}  // namespace

base::Result<KernelInterfaces> open_kernel(const HostFiles& files) {
  auto kernel = netlink::Kernel::open();
  if (!kernel) return tl::unexpected(kernel.error());
  auto nft = netlink::Nft::open();
  if (!nft) return tl::unexpected(nft.error());
  auto sets = netlink::IpSets::open();
  if (!sets) return tl::unexpected(sets.error());
  return KernelInterfaces{std::move(*kernel), std::move(*nft),
                          netlink::Xtables(files.full_path("/run/xtables.lock")), std::move(*sets)};
}

base::Result<hostnet::HostState> HostReader::read() {
  hostnet::HostState state;
  // Felix is looked for first: if it is dead here, it was dead while everything else was read.
  state.felix_alive = tcp_listens(static_cast<std::uint16_t>(options_.task.felix_health_port));
  if (auto done = read_kernel(state); !done) return tl::unexpected(done.error());
  if (auto done = look_up(state); !done) return tl::unexpected(done.error());
  if (auto done = read_filters(state); !done) return tl::unexpected(done.error());
  if (auto done = read_cni(state); !done) return tl::unexpected(done.error());
  if (auto done = read_leases(state); !done) return tl::unexpected(done.error());
  read_small_files(state);
  state.runtime_sockets = runtime_sockets();
  if (options_.task.operation == api::AgentOperation::Preflight)
    state.system = read_system(options_.task, files_);
  return state;
}

base::Result<void> HostReader::read_kernel(hostnet::HostState& state) {
  auto& kernel = interfaces_.kernel;
  if (auto done = put(state.links, kernel.links()); !done) return done;
  if (auto done = put(state.addresses, kernel.addresses()); !done) return done;
  if (auto done = put(state.routes, kernel.routes()); !done) return done;
  if (auto done = put(state.neighbours, kernel.neighbours()); !done) return done;
  read_mac_origins(state.links);
  return put(state.fdb, kernel.fdb());
}

base::Result<void> HostReader::look_up(hostnet::HostState& state) {
  const bool matters =
      options_.task.operation == api::AgentOperation::Verify &&
      hostnet::network_to_verify(state, options_.task) == api::AgentNetwork::Flannel;
  if (!matters) return {};
  for (const auto& lookup : hostnet::lookups(state, options_.task)) {
    const auto type = interfaces_.kernel.look_up(lookup.address);
    if (!type) return tl::unexpected(type.error());
    if (*type) state.looked_up.emplace(lookup.address, **type);
  }
  return {};
}

base::Result<void> HostReader::read_filters(hostnet::HostState& state) {
  if (!wants_filters(options_.task.operation, state.felix_alive)) return {};
  if (auto done = put(state.filters, interfaces_.nft.tables()); !done) return done;
  auto legacy = interfaces_.xtables.tables();
  if (!legacy) return tl::unexpected(legacy.error());
  state.filters.insert(state.filters.end(), legacy->begin(), legacy->end());
  return put(state.ip_sets, interfaces_.ip_sets.names());
}

hostnet::CniConf HostReader::read_conf(const FileEntry& entry, hostnet::HostState& state) {
  const auto path = hostnet::join(options_.task.cni_config_dir, entry.name);
  hostnet::CniConf unreadable{.file = entry.name, .kind = hostnet::CniKind::Unreadable};
  const bool is_link = entry.type == FileType::Symlink;
  if (is_link && entry.name == hostnet::kCalicoConf)
    state.hostile.push_back(path + " is a symbolic link");
  unreadable.problem = is_link ? "is a symbolic link" : "is no regular file";
  if (entry.type != FileType::File) return unreadable;
  const auto text = files_.read(path, kMaxConfBytes);
  if (text) return hostnet::parse_cni_conf(entry.name, *text);
  unreadable.problem = text.error().message;
  return unreadable;
}

base::Result<void> HostReader::read_cni(hostnet::HostState& state) {
  const auto& folder = options_.task.cni_config_dir;
  const auto entries = files_.list(folder, kMaxConfs);
  if (!entries && entries.error().kind == base::ErrorKind::Invalid) {
    state.hostile.push_back(entries.error().message);
    return {};
  }
  if (!entries) return tl::unexpected(entries.error());
  for (const auto& entry : *entries) {
    const bool is_conf = hostnet::is_conf_name(entry.name);
    if (is_conf) state.cni.push_back(read_conf(entry, state));
    if (entry.type != FileType::Folder) state.paths.insert(hostnet::join(folder, entry.name));
  }
  return {};
}

// Reads host-local's own folder in any case: Calico's upgrade-ipam looks there, whatever flannel
// uses.
base::Result<void> HostReader::read_leases(hostnet::HostState& state) {
  const std::string usual(hostnet::kLeases);
  const auto root = hostnet::lease_root(state, options_.task);
  if (auto done = read_lease_root(usual, state); !done) return done;
  return root == usual || !flannel::is_mounted(root) ? base::Result<void>()
                                                     : read_lease_root(root, state);
}

base::Result<void> HostReader::read_lease_root(const std::string& root, hostnet::HostState& state) {
  const auto folders = files_.list(root, kMaxNetworks);
  if (!folders && folders.error().kind == base::ErrorKind::Invalid) {
    state.hostile.push_back(folders.error().message);
    return {};
  }
  if (!folders) return tl::unexpected(folders.error());
  const auto network = hostnet::flannel_network(state, options_.task);
  for (const auto& folder : *folders) {
    const auto path = hostnet::join(root, folder.name);
    if (folder.type == FileType::Folder) read_lease_folder(path, state);
    if (folder.type == FileType::Symlink &&
        (folder.name == network || folder.name == hostnet::kCanalNetwork))
      state.hostile.push_back(path + " is a symbolic link");
  }
  return {};
}

void HostReader::read_lease_folder(const std::string& folder, hostnet::HostState& state) {
  state.lease_folders.insert(folder);
  const auto files = files_.list(folder, kMaxLeases);
  if (!files) return state.hostile.push_back(files.error().message);
  for (const auto& file : *files) {
    const auto address = net::IpAddress::parse(file.name);
    if (!address || file.type != FileType::File) continue;
    const auto text = files_.read(hostnet::join(folder, file.name), kMaxLeaseBytes);
    state.leases.push_back({folder, *address, text && text->starts_with(hostnet::kLeaseOwner)});
  }
}

void HostReader::read_small_files(hostnet::HostState& state) {
  for (const auto path : {hostnet::kSubnetEnv, hostnet::kSavedDevicesFile, hostnet::kCalicoNodename,
                          hostnet::kCalicoMtu}) {
    const auto type = files_.type(path);
    if (type == FileType::Symlink)
      state.hostile.push_back(fmt::format("{}: a symbolic link", path));
    if (type != FileType::Missing) state.paths.emplace(path);
  }
  // An empty folder may have been made by the mount of an agent's own pod.
  const auto entries = files_.list(hostnet::kCalicoRun, kMaxLeases);
  if (entries && has_files(*entries)) state.paths.emplace(hostnet::kCalicoRun);
  if (files_.type(hostnet::kFlannelDelegates) == FileType::Folder)
    state.paths.emplace(hostnet::kFlannelDelegates);
  const auto env = files_.read(hostnet::kSubnetEnv, kMaxSubnetEnvBytes);
  if (env) state.subnet_env = *env;
  if (!env && env.error().kind == base::ErrorKind::Invalid)
    state.hostile.push_back(env.error().message);
  const auto memory = files_.read(hostnet::kSavedDevicesFile, kMaxMemoryBytes);
  // An unreadable file counts as missing: it is written again when it is needed.
  if (memory)
    state.memory = hostnet::parse_saved_devices(*memory).value_or(hostnet::SavedDevices{});
}

}  // namespace agent
