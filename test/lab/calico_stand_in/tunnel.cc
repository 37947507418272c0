#include "calico_stand_in/tunnel.h"

#include "calico_stand_in/program.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <thread>

namespace stand_in {
namespace {

using Lines = std::vector<std::string>;

// Longer than any ping of the tests waits for its next one.
constexpr auto kBetween = std::chrono::milliseconds(400);

// Empty when the device is what Felix would have made, else what is wrong with it.
std::string misfit(json::View link, const Tunnel& tunnel, const std::string& parent) {
  const auto& own = *tunnel.own();
  const auto info = link["linkinfo"];
  const auto data = info["info_data"];
  const auto local = data[tunnel.family == net::Family::V4 ? "local" : "local6"].string();
  if (info["info_kind"].string() != "vxlan") return "is no VXLAN device";
  if (data["id"].integer() != tunnel.overlay.vni) return "has another VNI";
  if (data["port"].integer() != tunnel.overlay.port) return "has another port";
  if (data["link"].string() != parent) return "has another parent";
  if (local != own.outer) return "has the source address " + local;
  if (data["learning"].boolean(true)) return "learns";
  if (link["address"].string() != own.mac) return "has the MAC " + link["address"].string();
  return "";
}

std::string make_line(const Tunnel& tunnel, const std::string& parent) {
  const auto& own = *tunnel.own();
  return fmt::format(
      "link add {} address {} type vxlan id {} dev {} local {} dstport {} nolearning",
      tunnel.device(), own.mac, tunnel.overlay.vni, parent, own.outer, tunnel.overlay.port);
}

// Only Calico's address, and up.
Lines address_lines(json::View link, const Tunnel& tunnel) {
  Lines lines;
  bool there = false;
  for (const auto address : link["addr_info"].items()) {
    if (address["scope"].string() == "link") continue;
    const auto found = address["local"].string();
    if (found == tunnel.own()->inner)
      there = true;
    else
      lines.push_back(fmt::format("addr del {}/{} dev {}", found, address["prefixlen"].integer(),
                                  tunnel.device()));
  }
  if (!there)
    lines.push_back(fmt::format("addr add {}{} dev {}", tunnel.own()->inner, tunnel.host_length(),
                                tunnel.device()));
  return lines;
}

Lines state_lines(json::View link, const Tunnel& tunnel) {
  auto lines = address_lines(link, tunnel);
  if (tunnel.overlay.mtu != 0 && link["mtu"].integer() != tunnel.overlay.mtu)
    lines.push_back(fmt::format("link set {} mtu {}", tunnel.device(), tunnel.overlay.mtu));
  lines.push_back(fmt::format("link set {} up", tunnel.device()));
  return lines;
}

base::Result<json::Document> find_device(const Tunnel& tunnel) {
  // Of all: a question for one that is not there is an error.
  const auto all = ip_query({"addr", "show"});
  if (!all) return all;
  for (const auto link : all->root().items())
    if (link["ifname"].string() == tunnel.device()) return json::Document::parse(link.dump());
  return json::Document();
}

base::Result<void> lay_neighbours(const Tunnel& tunnel) {
  Lines neighbours, entries;
  for (const auto& vtep : tunnel.overlay.vteps) {
    if (vtep.node == tunnel.node) continue;
    neighbours.push_back(fmt::format("neigh replace {} lladdr {} dev {} nud permanent", vtep.inner,
                                     vtep.mac, tunnel.device()));
    entries.push_back(
        fmt::format("fdb replace {} dev {} dst {} self", vtep.mac, tunnel.device(), vtep.outer));
  }
  if (auto laid = bridge_batch(entries); !laid) return laid;
  return ip_batch(neighbours);
}

// By destination, the rest of the line.
using Routes = std::map<std::string, std::string>;

Routes wanted_blackholes(const Tunnel& tunnel) {
  Routes routes;
  for (const auto& block : tunnel.overlay.blocks)
    if (tunnel.overlay.enabled && block.node == tunnel.node)
      routes[block.cidr.to_string()] = "blackhole proto 80";
  return routes;
}

std::string way_to(const std::string& gateway, const std::string& device,
                   const std::string& protocol, std::int64_t mtu) {
  const auto rest = mtu == 0 ? "" : fmt::format(" mtu {}", mtu);
  return fmt::format("via {} dev {} onlink proto {}{}", gateway, device, protocol, rest);
}

Routes wanted_routes(const Tunnel& tunnel) {
  auto routes = wanted_blackholes(tunnel);
  for (const auto& block : tunnel.overlay.blocks) {
    const auto* vtep = tunnel.vtep_of(block.node);
    if (block.node != tunnel.node && vtep != nullptr)
      routes[block.cidr.to_string()] =
          way_to(vtep->inner, tunnel.device(), "boot", tunnel.overlay.mtu);
  }
  return routes;
}

std::string text_of_route(json::View route) {
  const auto protocol = route["protocol"].string();
  if (route["type"].string() == "blackhole") return "blackhole proto " + protocol;
  std::int64_t mtu = 0;
  for (const auto metric : route["metrics"].items()) mtu = metric["mtu"].integer(mtu);
  return way_to(route["gateway"].string(), route["dev"].string(), protocol, mtu);
}

bool is_felixs(json::View route, const Tunnel& tunnel) {
  if (route["protocol"].string() == "kernel") return false;
  if (route["type"].string() == "blackhole") return route["protocol"].string() == "80";
  return route["dev"].string() == tunnel.device();
}

std::string removal(json::View route) {
  if (route["type"].string() == "blackhole")
    return "route del blackhole " + route["dst"].string() + " proto 80";
  return "route del " + route["dst"].string() + " dev " + route["dev"].string();
}

struct Changes {
  Lines removals, additions;
};

Changes route_changes(const Tunnel& tunnel, Routes missing, json::View present) {
  Changes changes;
  for (const auto route : present.items()) {
    if (!is_felixs(route, tunnel)) continue;
    const auto wanted = missing.find(route["dst"].string());
    if (wanted == missing.end())
      changes.removals.push_back(removal(route));
    else if (wanted->second == text_of_route(route))
      missing.erase(wanted);
  }
  for (const auto& [cidr, rest] : missing) {
    const bool blackhole = rest.starts_with("blackhole ");
    changes.additions.push_back(
        blackhole ? fmt::format("route replace blackhole {}{}", cidr, rest.substr(rest.find(' ')))
                  : fmt::format("route replace {} {}", cidr, rest));
  }
  return changes;
}

base::Result<void> lay_routes(const Tunnel& tunnel, Routes wanted) {
  const auto present = ip_query({tunnel.ip(), "route", "show"});
  if (!present) return tl::unexpected(present.error());
  const auto changes = route_changes(tunnel, std::move(wanted), present->root());
  if (auto removed = ip_batch(changes.removals); !removed) return removed;
  if (!changes.removals.empty()) std::this_thread::sleep_for(kBetween);
  return ip_batch(changes.additions);
}

}  // namespace

const Vtep* Tunnel::vtep_of(const std::string& name) const {
  for (const auto& vtep : overlay.vteps)
    if (vtep.node == name) return &vtep;
  return nullptr;
}

base::Result<Carrier> interface_of(const std::string& address) {
  const auto links = ip_query({"addr", "show"});
  if (!links) return tl::unexpected(links.error());
  for (const auto link : links->root().items())
    for (const auto found : link["addr_info"].items())
      if (found["local"].string() == address)
        return Carrier{link["ifname"].string(), static_cast<int>(found["prefixlen"].integer())};
  return base::fail(base::ErrorKind::Invalid, "no interface has the node's address " + address);
}

base::Result<std::string> ensure_device(const Tunnel& tunnel) {
  const auto parent = interface_of(tunnel.own()->outer);
  if (!parent) return tl::unexpected(parent.error());
  auto link = find_device(tunnel);
  if (!link) return tl::unexpected(link.error());
  std::string done;
  const bool there = link->root().size() > 0;
  const auto problem = there ? misfit(link->root(), tunnel, parent->name) : "";
  Lines lines;
  if (!problem.empty()) {
    done = "replaced " + tunnel.device() + ", which " + problem;
    lines.push_back("link del " + tunnel.device());
  } else if (!there) {
    done = "made " + tunnel.device();
  }
  if (!done.empty()) lines.push_back(make_line(tunnel, parent->name));
  if (auto made = ip_batch(lines); !made) return tl::unexpected(made.error());
  if (!done.empty()) link = find_device(tunnel);
  auto set = ip_batch(state_lines(link->root(), tunnel));
  if (!set) return tl::unexpected(set.error());
  return done.empty() ? fmt::format("kept {} with index {}", tunnel.device(),
                                    link->root()["ifindex"].integer())
                      : done;
}

base::Result<void> ensure_routes(const Tunnel& tunnel) {
  if (auto laid = lay_neighbours(tunnel); !laid) return laid;
  return lay_routes(tunnel, wanted_routes(tunnel));
}

base::Result<void> ensure_blackholes(const Tunnel& tunnel) {
  return lay_routes(tunnel, wanted_blackholes(tunnel));
}

}  // namespace stand_in
