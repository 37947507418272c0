// Calico's objects as the stand-in reads them: anything that Calico would not have written is an
// error, never put up with. Written from the fact sheet, not with the operator's own code.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/transport.h"
#include "net/cidr.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stand_in {

inline constexpr kube::Resource kBlocks{"crd.projectcalico.org", "v1", "ipamblocks", "IPAMBlock",
                                        kube::Scope::Cluster};
inline constexpr kube::Resource kAffinities{"crd.projectcalico.org", "v1", "blockaffinities",
                                            "BlockAffinity", kube::Scope::Cluster};
inline constexpr kube::Resource kHandles{"crd.projectcalico.org", "v1", "ipamhandles", "IPAMHandle",
                                         kube::Scope::Cluster};
inline constexpr kube::Resource kPools{"crd.projectcalico.org", "v1", "ippools", "IPPool",
                                       kube::Scope::Cluster};
inline constexpr kube::Resource kFelix{"crd.projectcalico.org", "v1", "felixconfigurations",
                                       "FelixConfiguration", kube::Scope::Cluster};
inline constexpr kube::Resource kClusterInformation{"crd.projectcalico.org", "v1",
                                                    "clusterinformations", "ClusterInformation",
                                                    kube::Scope::Cluster};

inline constexpr kube::Resource kControllers{"crd.projectcalico.org", "v1",
                                             "kubecontrollersconfigurations",
                                             "KubeControllersConfiguration", kube::Scope::Cluster};

// The end of a node's tunnel, of one family.
struct Vtep {
  std::string node;
  std::string outer;  // address of the node on the wire
  std::string inner;  // address on vxlan.calico
  std::string mac;
};

struct Block {
  net::Cidr cidr;
  std::string node;
};

// All of the cluster that Felix looks at, of one family.
struct Overlay {
  bool enabled = false;
  int vni = 4096;
  int port = 4789;
  int mtu = 0;
  std::vector<std::string> pools;  // CIDRs
  bool nat_outgoing = false;
  std::vector<Vtep> vteps;
  std::vector<Block> blocks;
};

// Connects as a pod does, or with a kubeconfig when its path is not empty.
base::Result<std::unique_ptr<kube::Transport>> connect(const std::string& kubeconfig);

std::string environment(const char* name);

base::Result<std::vector<json::Document>> list_all(kube::Transport& transport,
                                                   const kube::Resource& resource);

// As the Felix of a node sees it: what is set for that node alone is stronger.
base::Result<Overlay> read_overlay(kube::Transport& transport, const std::string& node,
                                   net::Family family);

// The annotation that a family's value is in: "IPv4VXLANTunnelAddr", "VXLANTunnelMACAddrV6", ...
std::string annotation(json::View node, const std::string& name);

// The first thing in a block, or an affinity, that is not as Calico has it.
std::optional<std::string> complaint_about_block(json::View block);
std::optional<std::string> complaint_about_affinity(json::View affinity);

// Calico's name for a CIDR in object names: "10-244-1-0-26".
std::string name_of_cidr(const std::string& cidr);
// SHA3-256 in base32: how affinities are looked up by host.
std::string hostname_hash(const std::string& node);

}  // namespace stand_in
