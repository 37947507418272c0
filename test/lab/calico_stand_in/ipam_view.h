// All of IPAM that the garbage collection of kube-controllers looks at, and who it is for.
#pragma once

#include "base/error.h"
#include "kube/transport.h"

#include <map>
#include <string>
#include <vector>

namespace stand_in {

// Of one allocated address.
struct Holder {
  std::string address;
  std::string handle;
  std::string node;
  std::string pod;  // "namespace/name"; empty when it is no pod's
  bool is_tunnel = false;
};

struct OwnedBlock {
  std::string cidr;
  std::string node;  // empty when it is nobody's
  std::vector<Holder> holders;
};

struct PodState {
  std::string node;
  std::vector<std::string> addresses;
  bool finished = false;  // it will not run again: its address is given back
};

struct IpamView {
  std::map<std::string, std::string>
      networks;                          // the migration label by node, "" where there is none
  std::map<std::string, PodState> pods;  // by "namespace/name"
  std::vector<OwnedBlock> blocks;
};

base::Result<IpamView> read_ipam_view(kube::Transport& transport);

}  // namespace stand_in
