#include "netlink/route_messages.h"

#include "netlink/attributes.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace netlink {
namespace {

constexpr std::uint32_t kIpv6Metric = 1024;  // what the kernel takes for 0

std::uint8_t number_of(net::Family family) {
  return family == net::Family::V4 ? AF_INET : AF_INET6;
}

std::optional<net::Family> family_of(std::uint8_t number) {
  if (number == AF_INET) return net::Family::V4;
  if (number == AF_INET6) return net::Family::V6;
  return std::nullopt;
}

net::IpAddress zero(net::Family family) { return net::IpAddress::from_bytes(family, {}); }

Message about(const Route& route, std::uint16_t type, std::uint16_t flags) {
  Message message(type, flags);
  auto& head = message.header<rtmsg>();
  head.rtm_family = number_of(route.destination.family());
  head.rtm_dst_len = static_cast<std::uint8_t>(route.destination.prefix());
  head.rtm_table = static_cast<std::uint8_t>(route.table < 256 ? route.table : 0);
  head.rtm_protocol = route.protocol;
  head.rtm_scope = route.scope;
  head.rtm_type = static_cast<std::uint8_t>(route.type);
  if (route.onlink) head.rtm_flags = RTNH_F_ONLINK;
  message.address(RTA_DST, route.destination.address()).u32(RTA_TABLE, route.table);
  if (route.link != 0) message.u32(RTA_OIF, route.link);
  if (route.gateway) message.address(RTA_GATEWAY, *route.gateway);
  if (route.source) message.address(RTA_PREFSRC, *route.source);
  if (route.metric != 0) message.u32(RTA_PRIORITY, route.metric);
  return message;
}

Message about(const Address& address, std::uint16_t type, std::uint16_t flags) {
  Message message(type, flags);
  auto& head = message.header<ifaddrmsg>();
  head.ifa_family = number_of(address.address.family());
  head.ifa_prefixlen = static_cast<std::uint8_t>(address.prefix);
  head.ifa_scope = address.scope;
  head.ifa_index = address.link;
  // Without this flag an IPv6 address is tentative for a second. Duplicate detection is not needed:
  // no other node has a tunnel's address.
  if (address.address.family() == net::Family::V6) head.ifa_flags = IFA_F_NODAD;
  message.address(IFA_LOCAL, address.address).address(IFA_ADDRESS, address.address);
  return message;
}

}  // namespace

Message replace_route(const Route& route) {
  return about(route, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE);
}

Message delete_route(const Route& route) { return about(route, RTM_DELROUTE, 0); }

Message list_routes(net::Family family) {
  Message message(RTM_GETROUTE, 0);
  message.header<rtmsg>().rtm_family = number_of(family);
  return message;
}

Message look_up_route(const net::IpAddress& address) {
  Message message(RTM_GETROUTE, 0);
  auto& head = message.header<rtmsg>();
  head.rtm_family = number_of(address.family());
  head.rtm_dst_len = static_cast<std::uint8_t>(address.bits());
  message.address(RTA_DST, address);
  return message;
}

std::optional<RouteType> parse_looked_up(const nlmsghdr* message) {
  if (message->nlmsg_type != RTM_NEWROUTE) return std::nullopt;
  const auto* head = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  return static_cast<RouteType>(head->rtm_type);
}

std::optional<Route> parse_route(const nlmsghdr* message) {
  if (message->nlmsg_type != RTM_NEWROUTE) return std::nullopt;
  const auto* head = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  const auto family = family_of(head->rtm_family);
  // Cached copies of a route for one destination are not routes of their own.
  if (!family || (head->rtm_flags & RTM_F_CLONED) != 0) return std::nullopt;
  const Attributes all(message, sizeof(rtmsg));
  Route route;
  route.destination = net::Cidr(all.address(RTA_DST).value_or(zero(*family)), head->rtm_dst_len);
  route.type = static_cast<RouteType>(head->rtm_type);
  // The kernel names `lo` for an IPv6 blackhole.
  if (route.type < RouteType::Blackhole) route.link = all.u32(RTA_OIF).value_or(0);
  route.gateway = all.address(RTA_GATEWAY);
  route.source = all.address(RTA_PREFSRC);
  route.protocol = head->rtm_protocol;
  route.scope = head->rtm_scope;
  route.onlink = (head->rtm_flags & RTNH_F_ONLINK) != 0;
  route.metric = all.u32(RTA_PRIORITY).value_or(0);
  if (*family == net::Family::V6 && route.metric == kIpv6Metric) route.metric = 0;
  route.table = all.u32(RTA_TABLE).value_or(head->rtm_table);
  return route;
}

Message replace_address(const Address& address) {
  return about(address, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
}

Message delete_address(const Address& address) { return about(address, RTM_DELADDR, 0); }

Message list_addresses() {
  Message message(RTM_GETADDR, 0);
  message.header<ifaddrmsg>().ifa_family = AF_UNSPEC;
  return message;
}

std::optional<Address> parse_address(const nlmsghdr* message) {
  if (message->nlmsg_type != RTM_NEWADDR) return std::nullopt;
  const auto* head = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
  const Attributes all(message, sizeof(ifaddrmsg));
  const auto value = all.has(IFA_LOCAL) ? all.address(IFA_LOCAL) : all.address(IFA_ADDRESS);
  if (!value) return std::nullopt;
  return Address{head->ifa_index, *value, head->ifa_prefixlen, head->ifa_scope};
}

}  // namespace netlink
