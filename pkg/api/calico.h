// Reads Calico's stored objects, group crd.projectcalico.org/v1. Whole objects are written by
// pkg/calico.
#pragma once

#include "api/meta.h"
#include "net/cidr.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace api {

struct IpPool {
  ObjectMeta meta;
  std::string cidr_text;
  std::optional<net::Cidr> cidr;  // absent when cidr_text cannot be read
  std::string vxlan_mode;         // Never | Always | CrossSubnet; blank as stored
  std::string ipip_mode;
  bool nat_outgoing = false;
  bool disabled = false;
  int block_size = 0;  // as stored; 0: Calico's default (26 or 122)
  std::string node_selector;
  std::vector<std::string> allowed_uses;
  std::string assignment_mode;     // Automatic | Manual; blank before v3.30
  std::string namespace_selector;  // v3.31 and later
  std::string json;                // the whole object, for keeping as an original
  bool operator==(const IpPool&) const = default;
};

struct FelixConfiguration {
  ObjectMeta meta;
  std::optional<bool> vxlan_enabled;
  std::optional<std::int64_t> vxlan_vni;
  std::optional<std::int64_t> vxlan_port;
  std::optional<std::int64_t> vxlan_mtu;
  std::optional<std::int64_t> vxlan_mtu_v6;
  std::optional<std::int64_t> health_port;
  std::optional<std::int64_t> device_route_protocol;
  // Data planes that do not use the tunnel device that is handed over.
  std::optional<bool> bpf_enabled;
  std::optional<bool> wireguard_enabled;
  std::optional<bool> wireguard_enabled_v6;
  std::string json;
  bool operator==(const FelixConfiguration&) const = default;
};

struct IpamConfig {
  ObjectMeta meta;
  bool strict_affinity = false;
  bool auto_allocate_blocks = true;
  std::int64_t max_blocks_per_host = 0;
  std::string json;
  bool operator==(const IpamConfig&) const = default;
};

struct ClusterInformation {
  ObjectMeta meta;
  std::optional<bool> datastore_ready;
  std::string calico_version;
  bool operator==(const ClusterInformation&) const = default;
};

struct IpamBlock {
  ObjectStamp meta;
  net::Cidr cidr;
  std::string affinity;                            // "host:<node>", other kinds, or empty
  std::map<std::uint32_t, std::string> allocated;  // ordinal -> handle ID ("" when it has none)
  // Ordinals that pods of other nodes than the affinity's hold, and those nodes' names.
  std::vector<std::pair<std::uint32_t, std::string>> borrowed;
  bool deleted = false;
  bool operator==(const IpamBlock&) const = default;
};

struct BlockAffinity {
  ObjectStamp meta;
  std::string node;
  net::Cidr cidr;
  std::string state;  // pending | confirmed | pendingDeletion; empty is read as confirmed
  std::string type;   // host | virtual; absent is read as host
  bool deleted = false;
  bool operator==(const BlockAffinity&) const = default;
};

struct IpamHandle {
  ObjectStamp meta;
  std::string handle_id;
  std::map<std::string, int> blocks;  // block CIDR -> count
  bool deleted = false;
  bool operator==(const IpamHandle&) const = default;
};

IpPool parse_ip_pool(json::View object);
FelixConfiguration parse_felix_configuration(json::View object);
IpamConfig parse_ipam_config(json::View object);
ClusterInformation parse_cluster_information(json::View object);
// Invalid when the CIDR cannot be read: such an object is reported, never acted on.
base::Result<IpamBlock> parse_ipam_block(json::View object);
base::Result<BlockAffinity> parse_block_affinity(json::View object);
IpamHandle parse_ipam_handle(json::View object);

}  // namespace api
