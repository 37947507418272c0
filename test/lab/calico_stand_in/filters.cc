#include "calico_stand_in/filters.h"

#include "calico_stand_in/endpoint_rules.h"
#include "calico_stand_in/program.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <sstream>
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

std::string program_of(const Tunnel& tunnel) {
  return tunnel.family == net::Family::V4 ? "iptables-nft" : "ip6tables-nft";
}

// Chains of pods that are not there any more.
base::Result<std::set<std::string>> find_old_chains(const Tunnel& tunnel,
                                                    const EndpointRules& endpoints) {
  const auto listed = run({program_of(tunnel), "-w", "-S"});
  if (!listed) return tl::unexpected(listed.error());
  std::set<std::string> old;
  std::istringstream lines(*listed);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("-N ") && is_chain_of_endpoint(line.substr(3)) &&
        endpoints.chains.count(line.substr(3)) == 0)
      old.insert(line.substr(3));
  return old;
}

std::string filter_table(const Tunnel& tunnel, const EndpointRules& endpoints,
                         const std::set<std::string>& old_chains) {
  auto chains = endpoints.chains;
  chains.insert({"cali-INPUT", "cali-FORWARD"});
  chains.insert(old_chains.begin(), old_chains.end());
  std::string text = "*filter\n";
  for (const auto& chain : chains) text += ":" + chain + " - [0:0]\n";
  if (tunnel.overlay.enabled) text += input_rules(tunnel);
  text += "-A cali-INPUT -i cali+ -j cali-wl-to-host\n";
  text += "-A cali-FORWARD -i cali+ -j cali-from-wl-dispatch\n";
  text += "-A cali-FORWARD -o cali+ -j cali-to-wl-dispatch\n";
  text += "-A cali-FORWARD -i cali+ -j ACCEPT\n-A cali-FORWARD -o cali+ -j ACCEPT\n";
  text += endpoints.rules;
  for (const auto& chain : old_chains) text += "-X " + chain + "\n";
  return text + "COMMIT\n";
}

// What a node sends into the tunnel from another address of its own comes from the tunnel's, as
// Felix has it: the answer would not find back through the tunnel otherwise.
std::string nat_table(const Tunnel& tunnel) {
  std::string text = "*nat\n:cali-POSTROUTING - [0:0]\n";
  if (tunnel.overlay.enabled)
    text += fmt::format(
        "-A cali-POSTROUTING -o {} -m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype "
        "--src-type LOCAL -j MASQUERADE\n",
        tunnel.device());
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

base::Result<void> ensure_jumps(const std::string& program) {
  for (const auto& [table, chain] : std::map<std::string, std::vector<std::string>>{
           {"filter", {"INPUT", "FORWARD"}}, {"nat", {"POSTROUTING"}}})
    for (const auto& name : chain)
      if (auto jumped = ensure_jump(program, table, name); !jumped) return jumped;
  return {};
}

}  // namespace

base::Result<void> ensure_filters(const Tunnel& tunnel, const std::vector<Endpoint>& endpoints) {
  const auto program = program_of(tunnel);
  const auto wanted = endpoint_rules(endpoints, tunnel.family);
  const auto old_chains = find_old_chains(tunnel, wanted);
  if (!old_chains) return tl::unexpected(old_chains.error());
  if (auto filled = ensure_sets(tunnel.family, wanted.sets); !filled) return filled;
  const auto restored = run({program + "-restore", "-w", "--noflush"},
                            filter_table(tunnel, wanted, *old_chains) + nat_table(tunnel));
  if (!restored) return tl::unexpected(restored.error());
  if (auto jumped = ensure_jumps(program); !jumped) return jumped;
  return remove_other_sets(tunnel.family, wanted.sets);
}

}  // namespace stand_in
