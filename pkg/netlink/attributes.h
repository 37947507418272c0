// The attributes of a message from the kernel. A missing attribute, or one of another length than
// asked for, reads as absent.
#pragma once

#include "net/ip_address.h"
#include "net/mac_address.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

struct nlattr;
struct nlmsghdr;

namespace netlink {

// Valid while the message is.
class Attributes {
 public:
  Attributes() = default;
  // Reads the attributes behind a fixed header of that size.
  Attributes(const nlmsghdr* message, std::size_t header_size);

  bool has(std::uint16_t attribute) const { return find(attribute) != nullptr; }
  std::optional<std::uint8_t> u8(std::uint16_t attribute) const;
  std::optional<std::uint16_t> u16(std::uint16_t attribute) const;
  std::optional<std::uint32_t> u32(std::uint16_t attribute) const;
  // Reads an element of an array; absent also when the array is shorter.
  std::optional<std::uint32_t> u32_at(std::uint16_t attribute, std::size_t position) const;
  std::optional<std::uint16_t> u16_network_order(std::uint16_t attribute) const;
  std::optional<std::uint64_t> u64_network_order(std::uint16_t attribute) const;
  std::string text(std::uint16_t attribute) const;
  // IPv4 or IPv6 by its length.
  std::optional<net::IpAddress> address(std::uint16_t attribute) const;
  std::optional<net::MacAddress> mac(std::uint16_t attribute) const;
  Attributes nested(std::uint16_t attribute) const;

 private:
  explicit Attributes(const nlattr* nest);
  const nlattr* find(std::uint16_t attribute) const;
  template <typename T>
  std::optional<T> value(std::uint16_t attribute) const;
  void add_all(const void* begin, std::ptrdiff_t size);

  std::map<std::uint16_t, const nlattr*> all_;
};

}  // namespace netlink
