#include "netlink/nft.h"

#include "netlink/dump.h"
#include "netlink/nft_messages.h"

#include <linux/netlink.h>

#include <algorithm>

namespace netlink {
namespace {

// A kernel without nf_tables does not know the question.
template <typename Entry, typename Parse>
base::Result<std::vector<Entry>> dump(Socket& socket, Message message, const char* what,
                                      Parse parse) {
  auto all = dump_all<Entry>(socket, std::move(message), what, parse);
  if (!all && all.error().kind == base::ErrorKind::Invalid) return std::vector<Entry>();
  return all;
}

FilterTable* find_table(std::vector<FilterTable>& tables, const NftPlace& place) {
  const auto found = std::find_if(tables.begin(), tables.end(), [&place](const auto& table) {
    return table.family == place.family && table.name == place.table;
  });
  return found == tables.end() ? nullptr : &*found;
}

FilterChain* find_chain(std::vector<FilterTable>& tables, const NftPlace& place) {
  FilterTable* table = find_table(tables, place);
  if (table == nullptr) return nullptr;
  const auto found =
      std::find_if(table->chains.begin(), table->chains.end(),
                   [&place](const auto& chain) { return chain.name == place.chain; });
  return found == table->chains.end() ? nullptr : &*found;
}

}  // namespace

base::Result<Nft> Nft::open() {
  auto socket = Socket::open(NETLINK_NETFILTER);
  if (!socket) return tl::unexpected(socket.error());
  return Nft(std::move(*socket));
}

base::Result<std::vector<FilterTable>> Nft::tables() {
  const auto places =
      dump<NftPlace>(socket_, list_nft_tables(), "listing nft tables", parse_nft_table);
  if (!places) return tl::unexpected(places.error());
  std::vector<FilterTable> tables;
  for (const auto& place : *places)
    tables.push_back({FilterBackend::Nft, place.family, place.table, {}});
  if (const auto chains = add_chains(tables); !chains) return tl::unexpected(chains.error());
  if (const auto rules = add_rules(tables); !rules) return tl::unexpected(rules.error());
  return tables;
}

base::Result<void> Nft::add_chains(std::vector<FilterTable>& tables) {
  const auto chains =
      dump<NftChainEntry>(socket_, list_nft_chains(), "listing nft chains", parse_nft_chain);
  if (!chains) return tl::unexpected(chains.error());
  for (const auto& entry : *chains) {
    if (auto* table = find_table(tables, entry.place))
      table->chains.push_back({entry.place.chain, entry.builtin, {}});
  }
  return {};
}

base::Result<void> Nft::add_rules(std::vector<FilterTable>& tables) {
  const auto rules =
      dump<NftRuleEntry>(socket_, list_nft_rules(), "listing nft rules", parse_nft_rule);
  if (!rules) return tl::unexpected(rules.error());
  for (const auto& entry : *rules) {
    if (auto* chain = find_chain(tables, entry.place)) chain->rules.push_back(entry.rule);
  }
  return {};
}

base::Result<void> Nft::cut(const FilterCut& cut) {
  auto all = tables();
  if (!all) return tl::unexpected(all.error());
  const auto* table = find_table(*all, {cut.family, cut.table, {}});
  if (table == nullptr) return {};
  const auto messages = nft_transaction(*table, cut);
  if (messages.empty()) return {};
  return socket_.send_batch(messages, "removing rules from nft table " + cut.table);
}

}  // namespace netlink
