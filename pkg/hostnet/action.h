// A change of a host. Small, printable, comparable, safe to repeat.
#pragma once

#include "hostnet/device_state.h"
#include "netlink/packet_filter.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hostnet {

// A CNI configuration: container runtimes must notice it at once.
struct WriteConf {
  std::string path;
  std::string text;
  bool operator==(const WriteConf&) const = default;
};

struct WriteFile {
  std::string path;
  std::string text;
  bool operator==(const WriteFile&) const = default;
};

// Within one folder.
struct MovePath {
  std::string from;
  std::string to;
  bool operator==(const MovePath&) const = default;
};

// A file, or a folder with the files in it.
struct RemovePath {
  std::string path;
  bool operator==(const RemovePath&) const = default;
};

// Live where the kernel allows it; otherwise `memory` is written, then the device set down,
// renamed, set up, and `device_state` restored.
struct RenameLink {
  std::uint32_t index = 0;
  std::string from;
  std::string to;
  DeviceState device_state;
  std::string memory;
  // The MAC to set first, as userspace does: udev gives a device whose MAC is the kernel's choice
  // another one when it is renamed (systemd's MACAddressPolicy). The kernel forgets the neighbours
  // at that moment: `memory` is written before, and they are restored afterwards. nullopt: not
  // needed.
  std::optional<net::MacAddress> mac;
  bool operator==(const RenameLink&) const = default;
};

// Creates the bridge as flannel's CNI plugin does for the first pod; existing parts of it stay. The
// MAC is kept as if userspace had chosen it: neither udev nor the first port changes it then.
struct AddBridge {
  std::string name;
  std::uint32_t mtu = 0;                    // 0: the kernel's
  std::vector<netlink::Address> addresses;  // `link` is 0: there is none yet
  bool operator==(const AddBridge&) const = default;
};

// Whether the host answers ARP on the bridge for pods that are behind devices of their own.
struct SetProxyArp {
  std::uint32_t index = 0;
  std::string name;
  bool on = false;
  bool operator==(const SetProxyArp&) const = default;
};

struct SetMtu {
  std::uint32_t index = 0;
  std::string name;
  std::uint32_t mtu = 0;
  bool operator==(const SetMtu&) const = default;
};

struct SetUp {
  std::uint32_t index = 0;
  std::string name;
  bool operator==(const SetUp&) const = default;
};

// Adds what is missing, in the order that the kernel wants.
struct RestoreDeviceState {
  std::string name;
  DeviceState device_state;
  bool operator==(const RestoreDeviceState&) const = default;
};

struct DeleteLink {
  std::uint32_t index = 0;
  std::string name;
  bool operator==(const DeleteLink&) const = default;
};

struct SetRoute {
  netlink::Route route;
  bool operator==(const SetRoute&) const = default;
};

struct DropRoute {
  netlink::Route route;
  bool operator==(const DropRoute&) const = default;
};

// Many at once, as those to every block of every peer are.
struct SetRoutes {
  std::vector<netlink::Route> routes;
  bool operator==(const SetRoutes&) const = default;
};

struct DropRoutes {
  std::vector<netlink::Route> routes;
  bool operator==(const DropRoutes&) const = default;
};

struct CutFilter {
  netlink::FilterCut cut;
  bool operator==(const CutFilter&) const = default;
};

struct RenameChains {
  netlink::FilterRename rename;
  bool operator==(const RenameChains&) const = default;
};

// May have to wait for another set that refers to it.
struct DestroyIpSet {
  std::string name;
  bool operator==(const DestroyIpSet&) const = default;
};

using HostAction =
    std::variant<WriteConf, WriteFile, MovePath, RemovePath, RenameLink, AddBridge, SetProxyArp,
                 SetMtu, SetUp, RestoreDeviceState, DeleteLink, SetRoute, DropRoute, SetRoutes,
                 DropRoutes, CutFilter, RenameChains, DestroyIpSet>;

// "rename flannel.1 to vxlan.calico": for the log, and for messages.
std::string describe(const HostAction& action);

}  // namespace hostnet
