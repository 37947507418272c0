#include "netlink/ip_sets.h"

#include "netlink/attributes.h"
#include "netlink/dump.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include <optional>

namespace netlink {
namespace {

constexpr std::uint8_t kProtocol = 6;  // understood by every kernel since Linux 2.6.39

Message about(int command) {
  Message message(static_cast<std::uint16_t>(NFNL_SUBSYS_IPSET << 8 | command), 0);
  message.header<nfgenmsg>().nfgen_family = AF_INET;
  message.u8(IPSET_ATTR_PROTOCOL, kProtocol);
  return message;
}

std::optional<std::string> parse_name(const nlmsghdr* message) {
  auto name = Attributes(message, sizeof(nfgenmsg)).text(IPSET_ATTR_SETNAME);
  return name.empty() ? std::nullopt : std::optional(std::move(name));
}

}  // namespace

base::Result<IpSets> IpSets::open() {
  auto socket = Socket::open(NETLINK_NETFILTER);
  if (!socket) return tl::unexpected(socket.error());
  return IpSets(std::move(*socket));
}

base::Result<std::vector<std::string>> IpSets::names() {
  auto message = about(IPSET_CMD_LIST);
  message.u32(IPSET_ATTR_FLAGS | NLA_F_NET_BYTEORDER, htonl(IPSET_FLAG_LIST_SETNAME));
  auto names = dump_all<std::string>(socket_, std::move(message), "listing ipsets", parse_name);
  if (!names && names.error().kind == base::ErrorKind::Invalid) return std::vector<std::string>();
  return names;
}

base::Result<void> IpSets::destroy(std::string_view name) {
  auto message = about(IPSET_CMD_DESTROY);
  message.text(IPSET_ATTR_SETNAME, name);
  return socket_.change(message, "destroying ipset " + std::string(name));
}

}  // namespace netlink
