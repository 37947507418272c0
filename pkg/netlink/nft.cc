#include "netlink/nft.h"

#include "netlink/dump.h"
#include "netlink/nft_messages.h"

#include <fmt/format.h>
#include <linux/netlink.h>

#include <algorithm>
#include <map>

namespace netlink {
namespace {

// A kernel without nf_tables rejects the question.
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

using ChainIndex = std::map<NftPlace, FilterChain*>;

ChainIndex chains_of(std::vector<FilterTable>& tables) {
  ChainIndex index;
  for (auto& table : tables) {
    for (auto& chain : table.chains)
      index.emplace(NftPlace{table.family, table.name, chain.name}, &chain);
  }
  return index;
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
      table->chains.push_back({entry.place.chain, entry.builtin, {}, entry.handle});
  }
  return {};
}

base::Result<void> Nft::add_rules(std::vector<FilterTable>& tables) {
  const auto rules =
      dump<NftRuleEntry>(socket_, list_nft_rules(), "listing nft rules", parse_nft_rule);
  if (!rules) return tl::unexpected(rules.error());
  // kube-proxy may have tens of thousands of chains.
  const auto index = chains_of(tables);
  for (const auto& entry : *rules) {
    const auto chain = index.find(entry.place);
    if (chain != index.end()) chain->second->rules.push_back(entry.rule);
  }
  return {};
}

base::Result<std::optional<FilterTable>> Nft::table(net::Family family, const std::string& name) {
  auto all = tables();
  if (!all) return tl::unexpected(all.error());
  auto* found = find_table(*all, {family, name, {}});
  return found == nullptr ? std::nullopt : std::optional(std::move(*found));
}

base::Result<void> Nft::cut(const FilterCut& cut) {
  const auto found = table(cut.family, cut.table);
  if (!found) return tl::unexpected(found.error());
  return *found ? send(nft_transaction(**found, cut), "removing rules from", cut.table)
                : base::Result<void>();
}

base::Result<void> Nft::rename(const FilterRename& rename) {
  const auto found = table(rename.family, rename.table);
  if (!found) return tl::unexpected(found.error());
  return *found ? send(nft_transaction(**found, rename), "renaming chains of", rename.table)
                : base::Result<void>();
}

base::Result<void> Nft::send(const std::vector<Message>& messages, std::string_view what,
                             const std::string& table) {
  if (messages.empty()) return {};
  return socket_.send_batch(messages, fmt::format("{} nft table {}", what, table));
}

}  // namespace netlink
