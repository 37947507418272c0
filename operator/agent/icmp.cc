#include "agent/icmp.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include <algorithm>

namespace agent {
namespace {

constexpr std::size_t kHeader = 8;

std::uint16_t read16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[at]) << 8 |
                                    static_cast<unsigned char>(bytes[at + 1]));
}

void write16(std::string& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<char>(value >> 8);
  bytes[at + 1] = static_cast<char>(value & 0xff);
}

// RFC 1071
std::uint16_t checksum(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += read16(bytes, i);
  if (bytes.size() % 2 != 0)
    sum += static_cast<std::uint32_t>(static_cast<unsigned char>(bytes.back())) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace

std::size_t ip_header_size(net::Family family) { return family == net::Family::V4 ? 20 : 40; }

std::string echo_request(net::Family family, const Echo& echo, std::size_t size) {
  std::string bytes(std::max(size, kHeader), '\0');
  bytes[0] = static_cast<char>(family == net::Family::V4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST);
  write16(bytes, 4, echo.id);
  write16(bytes, 6, echo.sequence);
  if (family == net::Family::V4) write16(bytes, 2, checksum(bytes));
  return bytes;
}

std::optional<Echo> parse_echo_reply(net::Family family, std::string_view packet) {
  if (family == net::Family::V4) {
    if (packet.empty()) return std::nullopt;
    const std::size_t words = static_cast<unsigned char>(packet[0]) & 0x0fu;
    const std::size_t head = 4 * words;
    if (packet.size() < head) return std::nullopt;
    packet.remove_prefix(head);
  }
  const int type = family == net::Family::V4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
  if (packet.size() < kHeader || static_cast<unsigned char>(packet[0]) != type) return std::nullopt;
  return Echo{read16(packet, 4), read16(packet, 6)};
}

}  // namespace agent
