#include "hostnet/port_maps.h"

#include "base/digest.h"

#include <fmt/format.h>

#include <optional>

namespace hostnet {
namespace {

using netlink::FilterRule;
using netlink::FilterTable;

constexpr std::string_view kTable = "nat";
constexpr std::string_view kPortMapPrefix = "CNI-DN-";
constexpr std::string_view kPluginPrefix = "CNI-";
constexpr std::string_view kSharedPrefix = "CNI-HOSTPORT-";  // of all containers
constexpr std::size_t kMaxChain = 28;

// The container of `dnat name: "cbr0" id: "c0ffee"`.
std::optional<std::string> container_of(std::string_view comment) {
  constexpr std::string_view kId = "\" id: \"";
  const auto at = comment.find(kId);
  if (!comment.starts_with("dnat name: \"") || at == std::string_view::npos) return std::nullopt;
  const auto rest = comment.substr(at + kId.size());
  return std::string(rest.substr(0, rest.find('"')));
}

void rename_target(const FilterRule& rule, std::string_view network,
                   netlink::FilterRename& rename) {
  if (!rule.target.starts_with(kPortMapPrefix)) return;
  for (const auto& comment : rule.comments) {
    const auto container = container_of(comment);
    if (!container) continue;
    auto name = port_map_chain(network, *container);
    if (name != rule.target) rename.chains.emplace(rule.target, std::move(name));
  }
}

bool is_of(std::string_view comment, std::string_view network) {
  const auto of_bridge = fmt::format("name: \"{}\" id: \"", network);
  return comment.starts_with(of_bridge) || comment.starts_with("dnat " + of_bridge) ||
         comment.starts_with("snat " + of_bridge);
}

void cut_of(const FilterRule& rule, std::string_view network, netlink::FilterCut& cut) {
  for (const auto& comment : rule.comments) {
    if (!is_of(comment, network)) continue;
    cut.comments.insert(comment);
    const bool shared = rule.target.starts_with(kSharedPrefix);
    if (rule.target.starts_with(kPluginPrefix) && !shared) cut.chains.insert(rule.target);
  }
}

template <typename OnRule>
void each_rule(const FilterTable& table, OnRule on_rule) {
  if (table.name != kTable) return;
  for (const auto& chain : table.chains) {
    for (const auto& rule : chain.rules) on_rule(rule);
  }
}

}  // namespace

std::string port_map_chain(std::string_view network, std::string_view container) {
  const auto hash = base::digest(base::Hash::Sha512, fmt::format("{}{}", network, container));
  return (std::string(kPortMapPrefix) + base::hex(hash)).substr(0, kMaxChain);
}

std::vector<netlink::FilterRename> port_map_renames(const std::vector<FilterTable>& tables,
                                                    std::string_view network) {
  std::vector<netlink::FilterRename> all;
  for (const auto& table : tables) {
    netlink::FilterRename rename{table.backend, table.family, table.name, {}};
    each_rule(table, [&](const auto& rule) { rename_target(rule, network, rename); });
    rename.chains = netlink::renames_in(table, rename);
    if (!rename.chains.empty()) all.push_back(std::move(rename));
  }
  return all;
}

std::vector<netlink::FilterCut> port_map_cuts(const std::vector<FilterTable>& tables,
                                              std::string_view network) {
  std::vector<netlink::FilterCut> all;
  for (const auto& table : tables) {
    netlink::FilterCut cut{.backend = table.backend, .family = table.family, .table = table.name};
    each_rule(table, [&](const auto& rule) { cut_of(rule, network, cut); });
    if (!cut.comments.empty()) all.push_back(std::move(cut));
  }
  return all;
}

}  // namespace hostnet
