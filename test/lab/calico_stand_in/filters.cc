#include "calico_stand_in/filters.h"

#include "calico_stand_in/program.h"

#include <fmt/format.h>

#include <map>
#include <vector>

namespace stand_in {
namespace {

// VXLAN packets of strangers are dropped, with Felix's own words.
std::string input_rules(const Tunnel& tunnel) {
  std::string text;
  const auto port = fmt::format("-A cali-INPUT -p udp --dport {}", tunnel.overlay.port);
  for (const auto& vtep : tunnel.overlay.vteps)
    text += fmt::format("{} -s {} -j ACCEPT\n", port, vtep.outer);
  return text + port + " -m comment --comment \"Drop IP" +
         (tunnel.family == net::Family::V4 ? "v4" : "v6") +
         " VXLAN packets from non-allowed hosts\" -j DROP\n";
}

std::string filter_table(const Tunnel& tunnel) {
  std::string text = "*filter\n:cali-INPUT - [0:0]\n:cali-FORWARD - [0:0]\n";
  if (tunnel.overlay.enabled) text += input_rules(tunnel);
  text += "-A cali-FORWARD -i cali+ -j ACCEPT\n-A cali-FORWARD -o cali+ -j ACCEPT\n";
  return text + "COMMIT\n";
}

std::string nat_table(const Tunnel& tunnel) {
  std::string text = "*nat\n:cali-POSTROUTING - [0:0]\n";
  for (const auto& pool : tunnel.overlay.pools)
    if (tunnel.overlay.nat_outgoing)
      text += fmt::format("-A cali-POSTROUTING -s {0} ! -d {0} -j MASQUERADE\n", pool);
  return text + "COMMIT\n";
}

base::Result<void> ensure_jump(const std::string& program, const std::string& table,
                               const std::string& chain) {
  const auto jump = [&](const char* verb) {
    return run({program, "-w", "-t", table, verb, chain, "-m", "comment", "--comment",
                "cali:stand-in", "-j", "cali-" + chain});
  };
  if (jump("-C")) return {};
  const auto added = jump("-I");
  if (!added) return tl::unexpected(added.error());
  return {};
}

}  // namespace

base::Result<void> ensure_filters(const Tunnel& tunnel) {
  const bool v4 = tunnel.family == net::Family::V4;
  const std::string program = v4 ? "iptables-nft" : "ip6tables-nft";
  const auto restored =
      run({program + "-restore", "-w", "--noflush"}, filter_table(tunnel) + nat_table(tunnel));
  if (!restored) return tl::unexpected(restored.error());
  for (const auto& [table, chain] : std::map<std::string, std::vector<std::string>>{
           {"filter", {"INPUT", "FORWARD"}}, {"nat", {"POSTROUTING"}}})
    for (const auto& name : chain)
      if (auto jumped = ensure_jump(program, table, name); !jumped) return jumped;
  return {};
}

}  // namespace stand_in
