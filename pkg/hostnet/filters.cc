#include "hostnet/filters.h"

#include <string_view>

namespace hostnet {
namespace {

using netlink::FilterCut;
using netlink::FilterTable;

// Recognises the tables, chains and rules of one owner.
struct Owner {
  bool (*table)(std::string_view name);
  bool (*chain)(std::string_view name);
  bool (*comment)(std::string_view text);
};

constexpr Owner kFlannel{
    [](std::string_view name) { return name == "flannel-ipv4" || name == "flannel-ipv6"; },
    [](std::string_view name) { return name == "FLANNEL-POSTRTG" || name == "FLANNEL-FWD"; },
    [](std::string_view text) { return text == "flanneld masq" || text == "flanneld forward"; }};

constexpr Owner kCalico{[](std::string_view name) { return name == "calico"; },
                        [](std::string_view name) { return name.starts_with("cali-"); },
                        [](std::string_view text) { return text.starts_with("cali:"); }};

constexpr Owner kVxlanDrop{[](std::string_view) { return false; },
                           [](std::string_view) { return false; },
                           [](std::string_view text) {
                             return text.find("VXLAN packets from non-") != std::string_view::npos;
                           }};

void collect(const netlink::FilterChain& chain, const Owner& owner, FilterCut& cut) {
  if (!chain.builtin && owner.chain(chain.name)) {
    cut.chains.insert(chain.name);
    return;
  }
  for (const auto& rule : chain.rules) {
    for (const auto& comment : rule.comments) {
      if (owner.comment(comment)) cut.comments.insert(comment);
    }
  }
}

FilterCut cut_of(const FilterTable& table, const Owner& owner) {
  FilterCut cut{.backend = table.backend, .family = table.family, .table = table.name};
  cut.whole_table = table.backend == netlink::FilterBackend::Nft && owner.table(table.name);
  if (cut.whole_table) return cut;
  for (const auto& chain : table.chains) collect(chain, owner, cut);
  return cut;
}

std::vector<FilterCut> cuts_of(const std::vector<FilterTable>& tables, const Owner& owner) {
  std::vector<FilterCut> cuts;
  for (const auto& table : tables) {
    auto cut = cut_of(table, owner);
    if (cut.whole_table || !cut.chains.empty() || !cut.comments.empty())
      cuts.push_back(std::move(cut));
  }
  return cuts;
}

}  // namespace

std::vector<FilterCut> flannel_cuts(const std::vector<FilterTable>& tables) {
  return cuts_of(tables, kFlannel);
}

std::vector<FilterCut> vxlan_drop_cuts(const std::vector<FilterTable>& tables) {
  return cuts_of(tables, kVxlanDrop);
}

std::vector<FilterCut> calico_cuts(const std::vector<FilterTable>& tables) {
  return cuts_of(tables, kCalico);
}

}  // namespace hostnet
