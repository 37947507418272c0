#include "net/mac_address.h"

#include <fmt/format.h>

#include <charconv>

namespace net {

base::Result<MacAddress> MacAddress::parse(std::string_view text) {
  const auto bad = [&] {
    return base::fail(base::ErrorKind::Invalid, fmt::format("\"{}\" is no MAC address", text));
  };
  if (text.size() != 17) return bad();
  std::array<std::uint8_t, 6> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* const pair = text.data() + i * 3;
    const auto [end, error] = std::from_chars(pair, pair + 2, bytes[i], 16);
    if (error != std::errc() || end != pair + 2) return bad();
    if (i + 1 < bytes.size() && *end != ':') return bad();
  }
  return MacAddress(bytes);
}

std::string MacAddress::to_string() const { return fmt::format("{:02x}", fmt::join(bytes_, ":")); }

}  // namespace net
