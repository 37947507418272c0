// The observed state of a host, by value: everything that planning may use.
#pragma once

#include "hostnet/cni_conf.h"
#include "hostnet/lease.h"
#include "hostnet/saved_devices.h"
#include "netlink/link.h"
#include "netlink/packet_filter.h"
#include "netlink/route.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hostnet {

// Facts that only the running system knows. Read for Preflight alone.
struct System {
  bool vxlan_loaded = true;    // the kernel has its VXLAN part at hand
  bool udp_port_held = false;  // a process, not the kernel, has the tunnel's UDP port
  std::map<std::string, std::uint64_t> free_bytes;  // of the folders that are written to
};

struct HostState {
  std::vector<netlink::Link> links;
  std::vector<netlink::Address> addresses;
  std::vector<netlink::Route> routes;
  std::vector<netlink::Neighbour> neighbours;
  std::vector<netlink::FdbEntry> fdb;
  std::vector<netlink::FilterTable> filters;
  std::vector<std::string> ip_sets;

  std::vector<CniConf> cni;               // of the CNI folder, sorted by name
  std::vector<Lease> leases;              // of all networks
  std::set<std::string> lease_folders;    // one a network
  std::set<std::string> paths;            // which of the files and folders of interest exist
  std::optional<std::string> subnet_env;  // its text
  SavedDevices memory;
  // Verify: which type of route a packet to an address meets; those that meet none are left out.
  std::map<net::IpAddress, netlink::RouteType> looked_up;
  std::set<std::string> runtime_sockets;  // of container runtimes that listen
  System system;

  // Felix answers on its health port: it would undo what is done to its devices and routes.
  bool felix_alive = false;

  // Files that must not be touched: symbolic links, files of absurd size. A person has to look at
  // them.
  std::vector<std::string> hostile;

  const netlink::Link* find_link(std::string_view name) const;
  const netlink::Link* find_link(std::uint32_t index) const;
  const CniConf* find_conf(std::string_view file) const;
  // Flannel's own, by which its pods are started whenever it is in force: Canal's, else flannel's.
  const CniConf* flannel_conf() const;
  // The configuration that container runtimes use: the first readable one.
  const CniConf* conf_in_force() const;
  // The first configuration of flannel or Calico: a meta plugin such as Multus, whose own
  // configuration comes first, hands pods on to it.
  const CniConf* network_conf() const;
  bool has_address(std::uint32_t link, const net::IpAddress& address) const;
};

}  // namespace hostnet
