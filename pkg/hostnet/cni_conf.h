// CNI configuration files, as far as it matters whose they are.
#pragma once

#include <string>
#include <string_view>

namespace hostnet {

enum class CniKind {
  Flannel,
  Canal,   // Calico's plugin with host-local addresses
  Calico,  // Calico's plugin with calico-ipam
  Dummy,   // ours: no sandbox can start with it
  Other,
  Unreadable,  // no regular file, too large, or no CNI configuration: container runtimes skip it
};

struct CniConf {
  std::string file;  // name in the folder
  CniKind kind = CniKind::Other;
  std::string network = {};       // its "name"
  std::string bridge = {};        // Flannel: the bridge that pods hang on
  std::string problem = {};       // Unreadable: why
  std::string lease_folder = {};  // Flannel, Canal: host-local's dataDir; empty: its default
  std::string unsupported =
      {};  // Flannel, Canal: what of it the agent cannot follow; empty: nothing
  bool operator==(const CniConf&) const = default;
};

// Whether container runtimes look at a file of this name at all.
bool is_conf_name(std::string_view file);

CniConf parse_cni_conf(std::string file, std::string_view text);

// A configuration that the runtime accepts and no pod can start with. Below CNI 1.1.0, so that the
// runtime does not ask for STATUS and call the node NotReady.
std::string dummy_conf();

}  // namespace hostnet
