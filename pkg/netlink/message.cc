#include "netlink/message.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>

#include <stdexcept>
#include <string>

namespace netlink {
namespace {

// Every message that is written here fits: all names in it are short.
constexpr std::size_t kCapacity = 2048;

}  // namespace

Message::Message(std::uint16_t type, std::uint16_t flags)
    : buffer_(kCapacity / sizeof(std::uint64_t)) {
  nlmsghdr* head = mnl_nlmsg_put_header(buffer_.data());
  head->nlmsg_type = type;
  head->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
}

nlmsghdr* Message::raw() { return reinterpret_cast<nlmsghdr*>(buffer_.data()); }
const nlmsghdr* Message::raw() const { return reinterpret_cast<const nlmsghdr*>(buffer_.data()); }

void* Message::reserve(std::size_t size) { return mnl_nlmsg_put_extra_header(raw(), size); }

void Message::bytes(std::uint16_t attribute, const void* data, std::size_t size) {
  if (!mnl_attr_put_check(raw(), kCapacity, attribute, size, data))
    throw std::logic_error("netlink message too long");
}

Message& Message::u8(std::uint16_t attribute, std::uint8_t value) {
  bytes(attribute, &value, sizeof(value));
  return *this;
}

Message& Message::u16(std::uint16_t attribute, std::uint16_t value) {
  bytes(attribute, &value, sizeof(value));
  return *this;
}

Message& Message::u32(std::uint16_t attribute, std::uint32_t value) {
  bytes(attribute, &value, sizeof(value));
  return *this;
}

Message& Message::u16_network_order(std::uint16_t attribute, std::uint16_t value) {
  return u16(attribute, htons(value));
}

Message& Message::u64(std::uint16_t attribute, std::uint64_t value) {
  bytes(attribute, &value, sizeof(value));
  return *this;
}

Message& Message::u64_network_order(std::uint16_t attribute, std::uint64_t value) {
  return u64(attribute, htobe64(value));
}

Message& Message::text(std::uint16_t attribute, std::string_view value) {
  const std::string terminated(value);
  bytes(attribute, terminated.c_str(), terminated.size() + 1);
  return *this;
}

Message& Message::address(std::uint16_t attribute, const net::IpAddress& value) {
  bytes(attribute, value.bytes().data(), static_cast<std::size_t>(value.bits()) / 8);
  return *this;
}

Message& Message::mac(std::uint16_t attribute, const net::MacAddress& value) {
  bytes(attribute, value.bytes().data(), value.bytes().size());
  return *this;
}

Message& Message::begin(std::uint16_t attribute) {
  nlattr* nest = mnl_attr_nest_start(raw(), attribute);
  open_.push_back(static_cast<std::size_t>(reinterpret_cast<char*>(nest) -
                                           reinterpret_cast<char*>(buffer_.data())));
  return *this;
}

Message& Message::end() {
  char* start = reinterpret_cast<char*>(buffer_.data()) + open_.back();
  open_.pop_back();
  mnl_attr_nest_end(raw(), reinterpret_cast<nlattr*>(start));
  return *this;
}

}  // namespace netlink
