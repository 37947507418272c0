// Reads the host: kernel and files, into one value. Changes nothing.
#pragma once

#include "agent/host_files.h"
#include "agent/options.h"
#include "hostnet/host_state.h"
#include "netlink/ip_sets.h"
#include "netlink/kernel.h"
#include "netlink/nft.h"
#include "netlink/xtables.h"

namespace agent {

// The interfaces to the kernel that reader and executor share.
struct KernelInterfaces {
  netlink::Kernel kernel;
  netlink::Nft nft;
  netlink::Xtables xtables;
  netlink::IpSets ip_sets;
};

base::Result<KernelInterfaces> open_kernel(const HostFiles& files);

class HostReader {
 public:
  HostReader(const Options& options, const HostFiles& files, KernelInterfaces& interfaces)
      : options_(options), files_(files), interfaces_(interfaces) {}

  base::Result<hostnet::HostState> read();

 private:
  base::Result<void> read_kernel(hostnet::HostState& state);
  base::Result<void> read_filters(hostnet::HostState& state);
  base::Result<void> read_cni(hostnet::HostState& state);
  base::Result<void> read_leases(hostnet::HostState& state);
  base::Result<void> read_lease_root(const std::string& root, hostnet::HostState& state);
  void read_lease_folder(const std::string& folder, hostnet::HostState& state);
  base::Result<void> look_up(hostnet::HostState& state);
  void read_small_files(hostnet::HostState& state);
  hostnet::CniConf read_conf(const FileEntry& entry, hostnet::HostState& state);

  const Options& options_;
  const HostFiles& files_;
  KernelInterfaces& interfaces_;
};

}  // namespace agent
