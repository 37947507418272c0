// An address that host-local has assigned: a file named after it (containernetworking/plugins,
// host-local disk store).
#pragma once

#include "net/ip_address.h"

#include <string>
#include <string_view>

namespace hostnet {

struct Lease {
  std::string folder;  // of one network
  net::IpAddress address;
  bool ours = false;  // written by handback for a pod that Calico had started
  auto operator<=>(const Lease&) const = default;
};

inline std::string path_of(const Lease& lease) {
  return lease.folder + "/" + lease.address.to_string();
}

// The content that host-local expects in the file: the holder of the address, and the device in the
// pod. No container has this id, so that the lease stays until the agent removes it.
inline constexpr std::string_view kLeaseOwner = "flannel-migration";
inline constexpr std::string_view kLeaseText = "flannel-migration\r\neth0";

}  // namespace hostnet
