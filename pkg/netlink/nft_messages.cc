#include "netlink/nft_messages.h"

#include "netlink/attributes.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cstring>
#include <memory>

namespace netlink {
namespace {

constexpr std::uint16_t type_of(int command) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | command);
}

Message about(int command, std::uint8_t family, std::uint16_t flags = 0) {
  Message message(type_of(command), flags);
  message.header<nfgenmsg>().nfgen_family = family;
  return message;
}

std::uint8_t number_of(net::Family family) {
  return family == net::Family::V4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

std::optional<net::Family> family_of(const nlmsghdr* message, int command) {
  if (message->nlmsg_type != type_of(command)) return std::nullopt;
  const auto* head = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message));
  if (head->nfgen_family == NFPROTO_IPV4) return net::Family::V4;
  if (head->nfgen_family == NFPROTO_IPV6) return net::Family::V6;
  return std::nullopt;
}

std::string bounded(const void* text, std::size_t size) {
  const char* begin = static_cast<const char*>(text);
  return {begin, strnlen(begin, size)};
}

void read_expression(nftnl_expr* expression, FilterRule& rule) {
  const std::string name = nftnl_expr_get_str(expression, NFTNL_EXPR_NAME);
  if (name == "immediate" && nftnl_expr_is_set(expression, NFTNL_EXPR_IMM_CHAIN)) {
    rule.target = nftnl_expr_get_str(expression, NFTNL_EXPR_IMM_CHAIN);
  }
  if (name != "match" ||
      std::string_view(nftnl_expr_get_str(expression, NFTNL_EXPR_MT_NAME)) != "comment")
    return;
  std::uint32_t size = 0;
  const void* info = nftnl_expr_get(expression, NFTNL_EXPR_MT_INFO, &size);
  if (info != nullptr) rule.comments.insert(bounded(info, size));
}

int read_user_data(const nftnl_udata* data, void* rule) {
  if (nftnl_udata_type(data) == NFTNL_UDATA_RULE_COMMENT) {
    static_cast<FilterRule*>(rule)->comments.insert(
        bounded(nftnl_udata_get(data), nftnl_udata_len(data)));
  }
  return 0;
}

FilterRule read_rule(nftnl_rule* raw) {
  FilterRule rule;
  rule.handle = nftnl_rule_get_u64(raw, NFTNL_RULE_HANDLE);
  const auto read = [](nftnl_expr* expression, void* data) {
    read_expression(expression, *static_cast<FilterRule*>(data));
    return 0;
  };
  nftnl_expr_foreach(raw, read, &rule);
  std::uint32_t size = 0;
  const void* data = nftnl_rule_get_data(raw, NFTNL_RULE_USERDATA, &size);
  if (data != nullptr && size > 0) nftnl_udata_parse(data, size, read_user_data, &rule);
  return rule;
}

// begin or end of a transaction.
Message boundary(int type) {
  Message message(static_cast<std::uint16_t>(type), 0);
  message.header<nfgenmsg>().res_id = htons(NFNL_SUBSYS_NFTABLES);
  return message;
}

Message delete_table(const FilterTable& table) {
  auto message = about(NFT_MSG_DELTABLE, number_of(table.family));
  message.text(NFTA_TABLE_NAME, table.name);
  return message;
}

Message delete_chain(const FilterTable& table, const std::string& chain) {
  auto message = about(NFT_MSG_DELCHAIN, number_of(table.family));
  message.text(NFTA_CHAIN_TABLE, table.name).text(NFTA_CHAIN_NAME, chain);
  return message;
}

// Deletes all rules of the chain if there is no handle.
Message delete_rules(const FilterTable& table, const std::string& chain,
                     std::optional<std::uint64_t> handle) {
  auto message = about(NFT_MSG_DELRULE, number_of(table.family));
  message.text(NFTA_RULE_TABLE, table.name).text(NFTA_RULE_CHAIN, chain);
  if (handle) message.u64_network_order(NFTA_RULE_HANDLE, *handle);
  return message;
}

// Gives the chain with that handle a new name.
Message rename_chain(const FilterTable& table, std::uint64_t handle, const std::string& name) {
  auto message = about(NFT_MSG_NEWCHAIN, number_of(table.family));
  message.text(NFTA_CHAIN_TABLE, table.name).text(NFTA_CHAIN_NAME, name);
  message.u64_network_order(NFTA_CHAIN_HANDLE, handle);
  return message;
}

std::vector<Message> transaction(std::vector<Message> inner) {
  if (inner.empty()) return {};
  inner.insert(inner.begin(), boundary(NFNL_MSG_BATCH_BEGIN));
  inner.push_back(boundary(NFNL_MSG_BATCH_END));
  return inner;
}

std::vector<Message> deletions(const FilterTable& table, const FilterCut& cut) {
  std::vector<Message> rules;
  std::vector<Message> chains;
  if (cut.whole_table) return {delete_table(table)};
  for (const auto& chain : table.chains) {
    const bool goes = cut.chains.contains(chain.name) && !chain.builtin;
    if (goes) {
      rules.push_back(delete_rules(table, chain.name, std::nullopt));
      chains.push_back(delete_chain(table, chain.name));
      continue;
    }
    for (const auto& rule : chain.rules) {
      if (is_cut(rule, cut)) rules.push_back(delete_rules(table, chain.name, rule.handle));
    }
  }
  // Chains come after all rules: the kernel deletes a chain only when no rule jumps to it.
  rules.insert(rules.end(), chains.begin(), chains.end());
  return rules;
}

}  // namespace

Message list_nft_tables() { return about(NFT_MSG_GETTABLE, NFPROTO_UNSPEC); }
Message list_nft_chains() { return about(NFT_MSG_GETCHAIN, NFPROTO_UNSPEC); }
Message list_nft_rules() { return about(NFT_MSG_GETRULE, NFPROTO_UNSPEC); }

std::optional<NftPlace> parse_nft_table(const nlmsghdr* message) {
  const auto family = family_of(message, NFT_MSG_NEWTABLE);
  if (!family) return std::nullopt;
  return NftPlace{*family, Attributes(message, sizeof(nfgenmsg)).text(NFTA_TABLE_NAME), {}};
}

std::optional<NftChainEntry> parse_nft_chain(const nlmsghdr* message) {
  const auto family = family_of(message, NFT_MSG_NEWCHAIN);
  if (!family) return std::nullopt;
  const Attributes all(message, sizeof(nfgenmsg));
  return NftChainEntry{{*family, all.text(NFTA_CHAIN_TABLE), all.text(NFTA_CHAIN_NAME)},
                       all.has(NFTA_CHAIN_HOOK),
                       all.u64_network_order(NFTA_CHAIN_HANDLE).value_or(0)};
}

std::optional<NftRuleEntry> parse_nft_rule(const nlmsghdr* message) {
  const auto family = family_of(message, NFT_MSG_NEWRULE);
  if (!family) return std::nullopt;
  const std::unique_ptr<nftnl_rule, decltype(&nftnl_rule_free)> raw(nftnl_rule_alloc(),
                                                                    nftnl_rule_free);
  if (!raw || nftnl_rule_nlmsg_parse(message, raw.get()) < 0) return std::nullopt;
  return NftRuleEntry{{*family, nftnl_rule_get_str(raw.get(), NFTNL_RULE_TABLE),
                       nftnl_rule_get_str(raw.get(), NFTNL_RULE_CHAIN)},
                      read_rule(raw.get())};
}

std::vector<Message> nft_transaction(const FilterTable& table, const FilterCut& cut) {
  return transaction(deletions(table, cut));
}

std::vector<Message> nft_transaction(const FilterTable& table, const FilterRename& rename) {
  const auto possible = renames_in(table, rename);
  std::vector<Message> messages;
  for (const auto& chain : table.chains) {
    const auto found = possible.find(chain.name);
    if (found != possible.end())
      messages.push_back(rename_chain(table, chain.handle, found->second));
  }
  return transaction(std::move(messages));
}

}  // namespace netlink
