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
// Parses a packet from a raw socket, which has the IP header for IPv4 and not for IPv6. nullopt for
// everything but an echo reply.
std::optional<Echo> parse_echo_reply(net::Family family, std::string_view packet);

// Bytes of a whole packet that are not ICMP.
std::size_t ip_header_size(net::Family family);

}  // namespace agent
