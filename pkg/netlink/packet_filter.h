// Tables, chains and rules of the kernel's packet filters, iptables' two back ends and nftables
// alike. (Rules that iptables-nft writes are in nf_tables, in tables of iptables' names.)
#pragma once

#include "net/ip_address.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace netlink {

enum class FilterBackend { Nft, Legacy };

struct FilterRule {
  std::string target;              // chain that it jumps or goes to; Legacy: also "ACCEPT", ...
  std::set<std::string> comments;  // of iptables' comment matches and of nftables
  std::uint64_t handle = 0;        // Nft only
  bool operator==(const FilterRule&) const = default;
};

struct FilterChain {
  std::string name;
  bool builtin = false;  // hooked into the kernel: it stays when a chain is removed
  std::vector<FilterRule> rules;
  std::uint64_t handle = 0;  // Nft only
  bool operator==(const FilterChain&) const = default;
};

struct FilterTable {
  FilterBackend backend = FilterBackend::Nft;
  net::Family family = net::Family::V4;
  std::string name;
  std::vector<FilterChain> chains;
  bool operator==(const FilterTable&) const = default;
};

// Parts of one table that are to be deleted, by names that stay valid when it is read again: the
// chains with all rules that jump to them, and the rules with one of these comments.
struct FilterCut {
  FilterBackend backend = FilterBackend::Nft;
  net::Family family = net::Family::V4;
  std::string table;
  bool whole_table = false;  // Nft only
  std::set<std::string> chains = {};
  std::set<std::string> comments = {};
  bool operator==(const FilterCut&) const = default;
};

// Gives chains of one table other names; rules that jump to them follow.
struct FilterRename {
  FilterBackend backend = FilterBackend::Nft;
  net::Family family = net::Family::V4;
  std::string table;
  std::map<std::string, std::string> chains;  // new names by old ones
  bool operator==(const FilterRename&) const = default;
};

// Returns the renames that are possible in this table: the chain exists, and its new name is free.
std::map<std::string, std::string> renames_in(const FilterTable& table, const FilterRename& rename);

// True if the cut takes this rule out of a chain that stays.
bool is_cut(const FilterRule& rule, const FilterCut& cut);

}  // namespace netlink
