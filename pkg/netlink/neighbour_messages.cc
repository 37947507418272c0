#include "netlink/neighbour_messages.h"

#include "netlink/attributes.h"

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace netlink {
namespace {

Message about(const Neighbour& neighbour, std::uint16_t type, std::uint16_t flags) {
  Message message(type, flags);
  auto& head = message.header<ndmsg>();
  head.ndm_family = neighbour.address.family() == net::Family::V4 ? AF_INET : AF_INET6;
  head.ndm_ifindex = static_cast<int>(neighbour.link);
  head.ndm_state = neighbour.state;
  message.address(NDA_DST, neighbour.address).mac(NDA_LLADDR, neighbour.mac);
  return message;
}

Message about(const FdbEntry& entry, std::uint16_t type, std::uint16_t flags) {
  Message message(type, flags);
  auto& head = message.header<ndmsg>();
  head.ndm_family = AF_BRIDGE;
  head.ndm_ifindex = static_cast<int>(entry.link);
  head.ndm_state = entry.state;
  head.ndm_flags = NTF_SELF;
  message.mac(NDA_LLADDR, entry.mac);
  if (entry.remote) message.address(NDA_DST, *entry.remote);
  return message;
}

const ndmsg* header_of(const nlmsghdr* message) {
  if (message->nlmsg_type != RTM_NEWNEIGH) return nullptr;
  return static_cast<const ndmsg*>(mnl_nlmsg_get_payload(message));
}

}  // namespace

Message replace_neighbour(const Neighbour& neighbour) {
  return about(neighbour, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
}

Message delete_neighbour(const Neighbour& neighbour) { return about(neighbour, RTM_DELNEIGH, 0); }

Message list_neighbours() {
  Message message(RTM_GETNEIGH, 0);
  message.header<ndmsg>().ndm_family = AF_UNSPEC;
  return message;
}

std::optional<Neighbour> parse_neighbour(const nlmsghdr* message) {
  const auto* head = header_of(message);
  if (head == nullptr || (head->ndm_family != AF_INET && head->ndm_family != AF_INET6))
    return std::nullopt;
  const Attributes all(message, sizeof(ndmsg));
  const auto address = all.address(NDA_DST);
  const auto mac = all.mac(NDA_LLADDR);
  if (!address || !mac) return std::nullopt;
  return Neighbour{static_cast<std::uint32_t>(head->ndm_ifindex), *address, *mac, head->ndm_state};
}

Message replace_fdb(const FdbEntry& entry) {
  return about(entry, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
}

Message delete_fdb(const FdbEntry& entry) { return about(entry, RTM_DELNEIGH, 0); }

Message list_fdb() {
  Message message(RTM_GETNEIGH, 0);
  // For dumps of this family the kernel expects a device's header, since Linux 2.6 until now.
  message.header<ifinfomsg>().ifi_family = AF_BRIDGE;
  return message;
}

std::optional<FdbEntry> parse_fdb(const nlmsghdr* message) {
  const auto* head = header_of(message);
  if (head == nullptr || head->ndm_family != AF_BRIDGE) return std::nullopt;
  const Attributes all(message, sizeof(ndmsg));
  const auto mac = all.mac(NDA_LLADDR);
  if (!mac) return std::nullopt;
  return FdbEntry{static_cast<std::uint32_t>(head->ndm_ifindex), *mac, all.address(NDA_DST),
                  head->ndm_state};
}

}  // namespace netlink
