// Echo requests and replies as bytes: nothing is sent here.
#pragma once

#include "net/ip_address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace agent {

struct Echo {
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  bool operator==(const Echo&) const = default;
};

// An echo request of that many bytes, ICMP header included. The kernel computes the checksum of
// ICMPv6.
std::string echo_request(net::Family family, const Echo& echo, std::size_t size);
// From what a raw socket receives: for IPv4 with the IP header, for IPv6 without. nullopt for
// everything that is no echo reply.
std::optional<Echo> parse_echo_reply(net::Family family, std::string_view packet);

// Bytes of a whole packet that are not ICMP.
std::size_t ip_header_size(net::Family family);

}  // namespace agent
