#include "hostnet/action.h"

#include "base/overloaded.h"

#include <fmt/format.h>

namespace hostnet {
namespace {

std::string describe_cut(const netlink::FilterCut& cut) {
  const char* family = cut.family == net::Family::V4 ? "ip" : "ip6";
  const char* backend = cut.backend == netlink::FilterBackend::Nft ? "nft" : "legacy";
  if (cut.whole_table) return fmt::format("remove {} table {} {}", backend, family, cut.table);
  return fmt::format("remove {} chains and {} rules from {} table {} {}", cut.chains.size(),
                     cut.comments.size(), backend, family, cut.table);
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
          [](const SetUp& a) { return "set up " + a.name; },
          [](const LayAgain& a) { return "lay routes and neighbours again on " + a.name; },
          [](const DeleteLink& a) { return "delete device " + a.name; },
          [](const SetRoute& a) { return "set route " + a.route.destination.to_string(); },
          [](const DropRoute& a) { return "delete route " + a.route.destination.to_string(); },
          [](const CutFilter& a) { return describe_cut(a.cut); },
          [](const DestroyIpSet& a) { return "destroy ipset " + a.name; }},
      action);
}

}  // namespace hostnet
