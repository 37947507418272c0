// Messages about nf_tables, as values: nothing is sent here.
#pragma once

#include "netlink/message.h"
#include "netlink/packet_filter.h"

#include <optional>
#include <string>
#include <vector>

namespace netlink {

// A table, chain or rule, with where it belongs.
struct NftPlace {
  net::Family family = net::Family::V4;
  std::string table;
  std::string chain;
  auto operator<=>(const NftPlace&) const = default;
};

struct NftChainEntry {
  NftPlace place;
  bool builtin = false;
  std::uint64_t handle = 0;
};

struct NftRuleEntry {
  NftPlace place;
  FilterRule rule;
};

Message list_nft_tables();
Message list_nft_chains();
Message list_nft_rules();
// nullopt for other messages and for families other than ip and ip6.
std::optional<NftPlace> parse_nft_table(const nlmsghdr* message);
std::optional<NftChainEntry> parse_nft_chain(const nlmsghdr* message);
std::optional<NftRuleEntry> parse_nft_rule(const nlmsghdr* message);

// Returns a transaction that carries out the cut, or the renames, on the table as it was read;
// empty when there is nothing to do.
std::vector<Message> nft_transaction(const FilterTable& table, const FilterCut& cut);
std::vector<Message> nft_transaction(const FilterTable& table, const FilterRename& rename);

}  // namespace netlink
