#include "netlink/xt_table.h"

#include "netlink/socket.h"

#include <libiptc/libiptc.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
extern "C" {  // unlike its IPv4 twin, this header forgets it
#include <libiptc/libip6tc.h>
}
#include <linux/netfilter/xt_comment.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace netlink {
namespace {

struct V4 {
  static constexpr auto kFamily = net::Family::V4;
  using Entry = ipt_entry;
  static constexpr auto init = iptc_init;
  static constexpr auto free = iptc_free;
  static constexpr auto first_chain = iptc_first_chain;
  static constexpr auto next_chain = iptc_next_chain;
  static constexpr auto first_rule = iptc_first_rule;
  static constexpr auto next_rule = iptc_next_rule;
  static constexpr auto target = iptc_get_target;
  static constexpr auto builtin = iptc_builtin;
  static constexpr auto delete_rule = iptc_delete_num_entry;
  static constexpr auto flush = iptc_flush_entries;
  static constexpr auto delete_chain = iptc_delete_chain;
  static constexpr auto rename_chain = iptc_rename_chain;
  static constexpr auto commit = iptc_commit;
  static constexpr auto explain = iptc_strerror;
};

struct V6 {
  static constexpr auto kFamily = net::Family::V6;
  using Entry = ip6t_entry;
  static constexpr auto init = ip6tc_init;
  static constexpr auto free = ip6tc_free;
  static constexpr auto first_chain = ip6tc_first_chain;
  static constexpr auto next_chain = ip6tc_next_chain;
  static constexpr auto first_rule = ip6tc_first_rule;
  static constexpr auto next_rule = ip6tc_next_rule;
  static constexpr auto target = ip6tc_get_target;
  static constexpr auto builtin = ip6tc_builtin;
  static constexpr auto delete_rule = ip6tc_delete_num_entry;
  static constexpr auto flush = ip6tc_flush_entries;
  static constexpr auto delete_chain = ip6tc_delete_chain;
  static constexpr auto rename_chain = ip6tc_rename_chain;
  static constexpr auto commit = ip6tc_commit;
  static constexpr auto explain = ip6tc_strerror;
};

// The matches of a rule follow each other in memory, from `elems` to the target.
template <typename Entry>
std::set<std::string> comments_of(const Entry& entry) {
  std::set<std::string> comments;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&entry);
  std::size_t at = sizeof(Entry);
  while (at + sizeof(xt_entry_match) <= entry.target_offset) {
    const auto* match = reinterpret_cast<const xt_entry_match*>(bytes + at);
    if (match->u.match_size < sizeof(xt_entry_match)) break;
    if (std::strncmp(match->u.user.name, "comment", sizeof(match->u.user.name)) == 0) {
      const auto* info = reinterpret_cast<const xt_comment_info*>(match->data);
      comments.emplace(info->comment, strnlen(info->comment, sizeof(info->comment)));
    }
    at += match->u.match_size;
  }
  return comments;
}

template <typename Api>
using Handle = std::unique_ptr<xtc_handle, decltype(Api::free)>;

template <typename Api>
base::Failure failure(const std::string& table) {
  return base::fail(base::ErrorKind::Internal,
                    "iptables (legacy) table " + table + ": " + Api::explain(errno));
}

template <typename Api>
FilterChain read_chain(const char* name, xtc_handle* handle) {
  FilterChain chain{name, Api::builtin(name, handle) != 0, {}, 0};
  for (const auto* entry = Api::first_rule(name, handle); entry != nullptr;
       entry = Api::next_rule(entry, handle)) {
    const char* target = Api::target(entry, handle);
    chain.rules.push_back({target == nullptr ? "" : target, comments_of(*entry), 0});
  }
  return chain;
}

template <typename Api>
FilterTable read_table(const std::string& name, xtc_handle* handle) {
  FilterTable table{FilterBackend::Legacy, Api::kFamily, name, {}};
  for (const char* chain = Api::first_chain(handle); chain != nullptr;
       chain = Api::next_chain(handle))
    table.chains.push_back(read_chain<Api>(chain, handle));
  return table;
}

template <typename Api>
base::Result<FilterTable> read(const std::string& name) {
  const Handle<Api> handle(Api::init(name.c_str()), Api::free);
  if (!handle) return failure<Api>(name);
  return read_table<Api>(name, handle.get());
}

// Goes from the end, so that the positions of the rules in front stay the same.
template <typename Api>
bool cut_rules(const FilterChain& chain, const FilterCut& cut, xtc_handle* handle) {
  for (std::size_t i = chain.rules.size(); i-- > 0;) {
    if (!is_cut(chain.rules[i], cut)) continue;
    if (Api::delete_rule(chain.name.c_str(), static_cast<unsigned>(i), handle) == 0) return false;
  }
  return true;
}

template <typename Api>
bool cut_chains(const FilterTable& table, const FilterCut& cut, xtc_handle* handle) {
  std::vector<const char*> going;
  for (const auto& chain : table.chains) {
    const bool goes = cut.chains.contains(chain.name) && !chain.builtin;
    if (goes) going.push_back(chain.name.c_str());
    const int done = goes ? Api::flush(chain.name.c_str(), handle)
                          : static_cast<int>(cut_rules<Api>(chain, cut, handle));
    if (done == 0) return false;
  }
  for (const char* chain : going) {
    if (Api::delete_chain(chain, handle) == 0) return false;
  }
  return true;
}

template <typename Api>
base::Result<void> cut_table(const FilterCut& cut) {
  const Handle<Api> handle(Api::init(cut.table.c_str()), Api::free);
  if (!handle) return failure<Api>(cut.table);
  const auto table = read_table<Api>(cut.table, handle.get());
  if (!cut_chains<Api>(table, cut, handle.get()) || Api::commit(handle.get()) == 0)
    return failure<Api>(cut.table);
  return {};
}

template <typename Api>
base::Result<void> rename_chains(const FilterRename& rename) {
  const Handle<Api> handle(Api::init(rename.table.c_str()), Api::free);
  if (!handle) return failure<Api>(rename.table);
  const auto possible = renames_in(read_table<Api>(rename.table, handle.get()), rename);
  for (const auto& [from, to] : possible) {
    if (Api::rename_chain(from.c_str(), to.c_str(), handle.get()) == 0)
      return failure<Api>(rename.table);
  }
  if (!possible.empty() && Api::commit(handle.get()) == 0) return failure<Api>(rename.table);
  return {};
}

}  // namespace

base::Result<FilterTable> read_xt_table(net::Family family, const std::string& name) {
  return family == net::Family::V4 ? read<V4>(name) : read<V6>(name);
}

base::Result<void> cut_xt_table(const FilterCut& cut) {
  return cut.family == net::Family::V4 ? cut_table<V4>(cut) : cut_table<V6>(cut);
}

base::Result<void> rename_xt_chains(const FilterRename& rename) {
  return rename.family == net::Family::V4 ? rename_chains<V4>(rename) : rename_chains<V6>(rename);
}

}  // namespace netlink
