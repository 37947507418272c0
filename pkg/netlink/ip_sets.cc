#include "netlink/ip_sets.h"

#include "netlink/attributes.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include <algorithm>

namespace netlink {
namespace {

constexpr std::uint8_t kProtocol = 6;  // understood by every kernel since Linux 2.6.39

Message about(int command) {
  Message message(static_cast<std::uint16_t>(NFNL_SUBSYS_IPSET << 8 | command), 0);
  message.header<nfgenmsg>().nfgen_family = AF_INET;
  message.u8(IPSET_ATTR_PROTOCOL, kProtocol);
  return message;
}

}  // namespace

base::Result<IpSets> IpSets::open() {
  auto socket = Socket::open(NETLINK_NETFILTER);
  if (!socket) return tl::unexpected(socket.error());
  return IpSets(std::move(*socket));
}

base::Result<std::vector<std::string>> IpSets::names() {
  std::vector<std::string> names;
  auto message = about(IPSET_CMD_LIST);
  message.u32(IPSET_ATTR_FLAGS | NLA_F_NET_BYTEORDER, htonl(IPSET_FLAG_LIST_SETNAME));
  const auto add = [&names](const nlmsghdr* answer) {
    auto name = Attributes(answer, sizeof(nfgenmsg)).text(IPSET_ATTR_SETNAME);
    if (!name.empty()) names.push_back(std::move(name));
  };
  auto done = socket_.dump(message, "listing ipsets", add, [&names] { names.clear(); });
  if (!done && done.error().kind == base::ErrorKind::Invalid) return std::vector<std::string>();
  if (!done) return tl::unexpected(done.error());
  return names;
}

base::Result<void> IpSets::destroy(std::string_view name) {
  auto message = about(IPSET_CMD_DESTROY);
  message.text(IPSET_ATTR_SETNAME, name);
  return socket_.change(message, "destroying ipset " + std::string(name));
}

}  // namespace netlink
