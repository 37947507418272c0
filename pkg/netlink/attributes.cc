#include "netlink/attributes.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace netlink {

Attributes::Attributes(const nlmsghdr* message, std::size_t header_size) {
  const auto* begin = static_cast<const char*>(mnl_nlmsg_get_payload_offset(message, header_size));
  const auto* end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(message));
  add_all(begin, end - begin);
}

Attributes::Attributes(const nlattr* nest) {
  add_all(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest));
}

void Attributes::add_all(const void* begin, std::ptrdiff_t size) {
  const char* end = static_cast<const char*>(begin) + size;
  const auto* attribute = static_cast<const nlattr*>(begin);
  while (mnl_attr_ok(attribute, static_cast<int>(end - reinterpret_cast<const char*>(attribute)))) {
    all_.emplace(mnl_attr_get_type(attribute), attribute);
    attribute = mnl_attr_next(attribute);
  }
}

const nlattr* Attributes::find(std::uint16_t attribute) const {
  const auto found = all_.find(attribute);
  return found == all_.end() ? nullptr : found->second;
}

template <typename T>
std::optional<T> Attributes::value(std::uint16_t attribute) const {
  const nlattr* found = find(attribute);
  if (found == nullptr || mnl_attr_get_payload_len(found) != sizeof(T)) return std::nullopt;
  T result{};
  std::memcpy(&result, mnl_attr_get_payload(found), sizeof(T));
  return result;
}

std::optional<std::uint8_t> Attributes::u8(std::uint16_t attribute) const {
  return value<std::uint8_t>(attribute);
}

std::optional<std::uint16_t> Attributes::u16(std::uint16_t attribute) const {
  return value<std::uint16_t>(attribute);
}

std::optional<std::uint32_t> Attributes::u32(std::uint16_t attribute) const {
  return value<std::uint32_t>(attribute);
}

std::optional<std::uint32_t> Attributes::u32_at(std::uint16_t attribute,
                                                std::size_t position) const {
  std::uint32_t result = 0;
  const nlattr* found = find(attribute);
  if (found == nullptr || mnl_attr_get_payload_len(found) / sizeof(result) <= position)
    return std::nullopt;
  const auto* begin = static_cast<const char*>(mnl_attr_get_payload(found));
  std::memcpy(&result, begin + position * sizeof(result), sizeof(result));
  return result;
}

std::optional<std::uint16_t> Attributes::u16_network_order(std::uint16_t attribute) const {
  const auto raw = u16(attribute);
  return raw ? std::optional<std::uint16_t>(ntohs(*raw)) : std::nullopt;
}

std::optional<std::uint64_t> Attributes::u64_network_order(std::uint16_t attribute) const {
  const auto raw = value<std::uint64_t>(attribute);
  return raw ? std::optional<std::uint64_t>(be64toh(*raw)) : std::nullopt;
}

std::string Attributes::text(std::uint16_t attribute) const {
  const nlattr* found = find(attribute);
  if (found == nullptr) return {};
  const char* begin = mnl_attr_get_str(found);
  return {begin, strnlen(begin, mnl_attr_get_payload_len(found))};
}

std::optional<net::IpAddress> Attributes::address(std::uint16_t attribute) const {
  const nlattr* found = find(attribute);
  const std::size_t size = found == nullptr ? 0 : mnl_attr_get_payload_len(found);
  if (size != 4 && size != 16) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), mnl_attr_get_payload(found), size);
  return net::IpAddress::from_bytes(size == 4 ? net::Family::V4 : net::Family::V6, bytes);
}

std::optional<net::MacAddress> Attributes::mac(std::uint16_t attribute) const {
  const auto bytes = value<std::array<std::uint8_t, 6>>(attribute);
  return bytes ? std::optional<net::MacAddress>(*bytes) : std::nullopt;
}

Attributes Attributes::nested(std::uint16_t attribute) const {
  const nlattr* found = find(attribute);
  return found == nullptr ? Attributes() : Attributes(found);
}

}  // namespace netlink
