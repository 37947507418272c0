#include "netlink/link_messages.h"

#include "netlink/attributes.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

namespace netlink {
namespace {

Message change_of(std::uint32_t index) {
  Message message(RTM_NEWLINK, 0);
  auto& head = message.header<ifinfomsg>();
  head.ifi_family = AF_UNSPEC;
  head.ifi_index = static_cast<int>(index);
  return message;
}

void put_local(Message& message, const net::IpAddress& address) {
  message.address(address.family() == net::Family::V4 ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6,
                  address);
}

void put_vxlan(Message& message, const Vxlan& vxlan) {
  message.u32(IFLA_VXLAN_ID, vxlan.vni).u16_network_order(IFLA_VXLAN_PORT, vxlan.port);
  message.u8(IFLA_VXLAN_LEARNING, vxlan.learning ? 1 : 0);
  if (vxlan.parent != 0) message.u32(IFLA_VXLAN_LINK, vxlan.parent);
  if (vxlan.local) put_local(message, *vxlan.local);
  // A flag: present or not, without a value.
  if (vxlan.gbp) message.begin(IFLA_VXLAN_GBP).end();
}

std::optional<net::IpAddress> either(const Attributes& data, std::uint16_t v4, std::uint16_t v6) {
  return data.has(v4) ? data.address(v4) : data.address(v6);
}

Vxlan parse_vxlan(const Attributes& data) {
  Vxlan vxlan;
  vxlan.vni = data.u32(IFLA_VXLAN_ID).value_or(0);
  vxlan.port = data.u16_network_order(IFLA_VXLAN_PORT).value_or(0);
  vxlan.parent = data.u32(IFLA_VXLAN_LINK).value_or(0);
  vxlan.local = either(data, IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6);
  vxlan.remote = either(data, IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6);
  vxlan.learning = data.u8(IFLA_VXLAN_LEARNING).value_or(0) != 0;
  vxlan.gbp = data.has(IFLA_VXLAN_GBP);
  vxlan.external = data.u8(IFLA_VXLAN_COLLECT_METADATA).value_or(0) != 0;
  return vxlan;
}

}  // namespace

Message new_vxlan(const Link& link) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  auto& head = message.header<ifinfomsg>();
  head.ifi_flags = link.up ? IFF_UP : 0;
  head.ifi_change = IFF_UP;
  message.text(IFLA_IFNAME, link.name);
  if (link.mtu != 0) message.u32(IFLA_MTU, link.mtu);
  if (link.mac) message.mac(IFLA_ADDRESS, *link.mac);
  message.begin(IFLA_LINKINFO).text(IFLA_INFO_KIND, "vxlan").begin(IFLA_INFO_DATA);
  put_vxlan(message, link.vxlan.value_or(Vxlan{}));
  message.end().end();
  return message;
}

Message new_veth(std::string_view name, std::string_view peer, int namespace_fd) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  message.header<ifinfomsg>();
  message.text(IFLA_IFNAME, name);
  message.begin(IFLA_LINKINFO).text(IFLA_INFO_KIND, "veth").begin(IFLA_INFO_DATA);
  message.begin(VETH_INFO_PEER);
  message.header<ifinfomsg>();
  message.text(IFLA_IFNAME, peer);
  message.u32(IFLA_NET_NS_FD, static_cast<std::uint32_t>(namespace_fd));
  message.end().end().end();
  return message;
}

Message new_bridge(std::string_view name, std::uint32_t mtu) {
  Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  message.header<ifinfomsg>();
  message.text(IFLA_IFNAME, name);
  if (mtu != 0) message.u32(IFLA_MTU, mtu);
  message.begin(IFLA_LINKINFO).text(IFLA_INFO_KIND, "bridge").end();
  return message;
}

Message rename_link(std::uint32_t index, std::string_view name) {
  auto message = change_of(index);
  message.text(IFLA_IFNAME, name);
  return message;
}

Message set_link_mac(std::uint32_t index, const net::MacAddress& mac) {
  auto message = change_of(index);
  message.mac(IFLA_ADDRESS, mac);
  return message;
}

Message set_link_mtu(std::uint32_t index, std::uint32_t mtu) {
  auto message = change_of(index);
  message.u32(IFLA_MTU, mtu);
  return message;
}

Message set_link_up(std::uint32_t index, bool up) {
  Message message(RTM_NEWLINK, 0);
  auto& head = message.header<ifinfomsg>();
  head.ifi_index = static_cast<int>(index);
  head.ifi_flags = up ? IFF_UP : 0;
  head.ifi_change = IFF_UP;
  return message;
}

Message set_link_master(std::uint32_t index, std::uint32_t master) {
  auto message = change_of(index);
  message.u32(IFLA_MASTER, master);
  return message;
}

Message set_proxy_arp(std::uint32_t index, bool on) {
  auto message = change_of(index);
  message.begin(IFLA_AF_SPEC).begin(AF_INET).begin(IFLA_INET_CONF);
  message.u32(IPV4_DEVCONF_PROXY_ARP, on ? 1 : 0);
  message.end().end().end();
  return message;
}

Message set_proxy_delay(std::uint32_t index, base::Duration delay) {
  Message message(RTM_SETNEIGHTBL, 0);
  message.header<ndtmsg>().ndtm_family = AF_INET;
  message.text(NDTA_NAME, "arp_cache").begin(NDTA_PARMS);
  message.u32(NDTPA_IFINDEX, index);
  message.u64(NDTPA_PROXY_DELAY, static_cast<std::uint64_t>(delay.count()));
  message.end();
  return message;
}

Message delete_link(std::uint32_t index) {
  Message message(RTM_DELLINK, 0);
  message.header<ifinfomsg>().ifi_index = static_cast<int>(index);
  return message;
}

Message list_links() {
  Message message(RTM_GETLINK, 0);
  message.header<ifinfomsg>().ifi_family = AF_UNSPEC;
  return message;
}

std::optional<Link> parse_link(const nlmsghdr* message) {
  if (message->nlmsg_type != RTM_NEWLINK) return std::nullopt;
  const auto* head = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  const Attributes all(message, sizeof(ifinfomsg));
  Link link;
  link.index = static_cast<std::uint32_t>(head->ifi_index);
  link.up = (head->ifi_flags & IFF_UP) != 0;
  link.name = all.text(IFLA_IFNAME);
  link.mtu = all.u32(IFLA_MTU).value_or(0);
  link.mac = all.mac(IFLA_ADDRESS);
  link.master = all.u32(IFLA_MASTER).value_or(0);
  // The kernel counts these settings from 1.
  const Attributes ipv4 = all.nested(IFLA_AF_SPEC).nested(AF_INET);
  link.proxy_arp = ipv4.u32_at(IFLA_INET_CONF, IPV4_DEVCONF_PROXY_ARP - 1).value_or(0) != 0;
  const Attributes info = all.nested(IFLA_LINKINFO);
  link.kind = info.text(IFLA_INFO_KIND);
  if (link.kind == "vxlan") link.vxlan = parse_vxlan(info.nested(IFLA_INFO_DATA));
  return link;
}

}  // namespace netlink
