#include "hostnet/action.h"

#include "base/overloaded.h"

#include <fmt/format.h>

namespace hostnet {
namespace {

// "nft table ip nat"
template <typename Change>
std::string table_of(const Change& change) {
  const char* family = change.family == net::Family::V4 ? "ip" : "ip6";
  const char* backend = change.backend == netlink::FilterBackend::Nft ? "nft" : "legacy";
  return fmt::format("{} table {} {}", backend, family, change.table);
}

std::string describe_cut(const netlink::FilterCut& cut) {
  if (cut.whole_table) return "remove " + table_of(cut);
  return fmt::format("remove {} chains and {} rules from {}", cut.chains.size(),
                     cut.comments.size(), table_of(cut));
}

std::string describe_rename(const netlink::FilterRename& rename) {
  return fmt::format("rename {} chains of {}", rename.chains.size(), table_of(rename));
}

}  // namespace

std::string describe(const HostAction& action) {
  return std::visit(
      base::overloaded{
          [](const WriteConf& a) { return "write " + a.path; },
          [](const WriteFile& a) { return "write " + a.path; },
          [](const MovePath& a) { return fmt::format("move {} to {}", a.from, a.to); },
          [](const RemovePath& a) { return "remove " + a.path; },
          [](const RenameLink& a) { return fmt::format("rename {} to {}", a.from, a.to); },
          [](const AddBridge& a) { return "add bridge " + a.name; },
          [](const SetProxyArp& a) {
            return fmt::format("switch {} proxy ARP of {}", a.on ? "on" : "off", a.name);
          },
          [](const SetMtu& a) { return fmt::format("set MTU {} of {}", a.mtu, a.name); },
          [](const SetUp& a) { return "set up " + a.name; },
          [](const RestoreDeviceState& a) {
            return "lay routes and neighbours again on " + a.name;
          },
          [](const DeleteLink& a) { return "delete device " + a.name; },
          [](const SetRoute& a) { return "set route " + a.route.destination.to_string(); },
          [](const DropRoute& a) { return "delete route " + a.route.destination.to_string(); },
          [](const SetRoutes& a) { return fmt::format("set {} routes", a.routes.size()); },
          [](const DropRoutes& a) { return fmt::format("delete {} routes", a.routes.size()); },
          [](const CutFilter& a) { return describe_cut(a.cut); },
          [](const RenameChains& a) { return describe_rename(a.rename); },
          [](const DestroyIpSet& a) { return "destroy ipset " + a.name; }},
      action);
}

}  // namespace hostnet
