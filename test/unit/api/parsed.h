// Values from their texts, for tests; a text that cannot be read ends the test.
#pragma once

#include "base/time.h"
#include "json/value.h"
#include "net/cidr.h"
#include "net/mac_address.h"

#include <string_view>

namespace parsed {

inline json::Document document(std::string_view text) {
  return json::Document::parse(text).value();
}
inline net::IpAddress ip(std::string_view text) { return net::IpAddress::parse(text).value(); }
inline net::Cidr cidr(std::string_view text) { return net::Cidr::parse(text).value(); }
inline net::MacAddress mac(std::string_view text) { return net::MacAddress::parse(text).value(); }
inline base::TimePoint time(std::string_view text) { return base::parse_rfc3339(text).value(); }

}  // namespace parsed
