// Paths on a host, seen from its root.
#pragma once

#include <string>
#include <string_view>

namespace hostnet {

inline constexpr std::string_view kCalicoConf = "10-calico.conflist";  // of its manifest
// Holds the place of flannel's configuration until that is written: sorts behind flannel's names
// and before all others.
inline constexpr std::string_view kHoldConf = "10-zz-flannel-migration.conflist";
// No container runtime reads a file whose name ends like this.
inline constexpr std::string_view kSavedSuffix = ".flannel-migration";
inline constexpr std::string_view kCalicoKubeconfig = "calico-kubeconfig";

inline constexpr std::string_view kSubnetEnv = "/run/flannel/subnet.env";
// State that the agent needs in later runs. The file is beside flannel's own runtime state, so that
// a reboot, which deletes the devices, deletes it too.
inline constexpr std::string_view kSavedDevicesFile = "/run/flannel/flannel-migration.json";
// host-local's own place for leases; another one can be configured (lease_place.h).
inline constexpr std::string_view kLeases = "/var/lib/cni/networks";
inline constexpr std::string_view kFlannelDelegates = "/var/lib/cni/flannel";
inline constexpr std::string_view kCalicoNodename = "/var/lib/calico/nodename";
inline constexpr std::string_view kCalicoMtu = "/var/lib/calico/mtu";
inline constexpr std::string_view kCalicoRun = "/var/run/calico";

// Canal's network: while a folder of leases has this name, Calico's upgrade-ipam stops pod creation
// in the whole cluster to import it.
inline constexpr std::string_view kCanalNetwork = "k8s-pod-network";
inline constexpr std::string_view kFlannelNetwork = "cbr0";
// Network name of Calico's configuration in its manifests, the same as Canal's.
inline constexpr std::string_view kCalicoNetwork = kCanalNetwork;

inline std::string join(std::string_view folder, std::string_view name) {
  return std::string(folder) + "/" + std::string(name);
}

// The folder that Calico's upgrade-ipam reads, whatever flannel's CNI configuration says.
inline std::string canal_leases() { return join(kLeases, kCanalNetwork); }

inline std::string saved(std::string path) { return path.append(kSavedSuffix); }

}  // namespace hostnet
