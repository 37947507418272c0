// A netlink message: written attribute by attribute, sent by a Socket.
#pragma once

#include "net/ip_address.h"
#include "net/mac_address.h"

#include <cstdint>
#include <string_view>
#include <vector>

struct nlmsghdr;

namespace netlink {

class Message {
 public:
  // `flags` besides NLM_F_REQUEST.
  Message(std::uint16_t type, std::uint16_t flags);

  // The fixed header of the message's family, e.g. ifinfomsg; call it once, before the attributes.
  // Valid until the next call.
  template <typename Header>
  Header& header() {
    return *static_cast<Header*>(reserve(sizeof(Header)));
  }

  Message& u8(std::uint16_t attribute, std::uint8_t value);
  Message& u16(std::uint16_t attribute, std::uint16_t value);
  Message& u32(std::uint16_t attribute, std::uint32_t value);
  Message& u64(std::uint16_t attribute, std::uint64_t value);
  Message& u16_network_order(std::uint16_t attribute, std::uint16_t value);
  Message& u64_network_order(std::uint16_t attribute, std::uint64_t value);
  Message& text(std::uint16_t attribute, std::string_view value);  // NUL-terminated
  Message& address(std::uint16_t attribute, const net::IpAddress& value);
  Message& mac(std::uint16_t attribute, const net::MacAddress& value);
  // Begins an attribute: everything that is written until end() is nested in it.
  Message& begin(std::uint16_t attribute);
  Message& end();

  nlmsghdr* raw();
  const nlmsghdr* raw() const;

 private:
  void* reserve(std::size_t size);
  void bytes(std::uint16_t attribute, const void* data, std::size_t size);

  std::vector<std::uint64_t> buffer_;  // aligned as the kernel wants it
  std::vector<std::size_t> open_;      // offsets of nested attributes that are not ended
};

}  // namespace netlink
