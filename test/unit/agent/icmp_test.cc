#include "agent/icmp.h"

#include <catch2/catch.hpp>

using agent::Echo;
using agent::parse_echo_reply;

TEST_CASE("an IPv4 echo request carries its checksum") {
  const auto bytes = agent::echo_request(net::Family::V4, {0x1234, 0x0001}, 8);
  // 0x0800 + 0x1234 + 0x0001 = 0x1a35, complemented
  CHECK(bytes == std::string("\x08\x00\xe5\xca\x12\x34\x00\x01", 8));
}

TEST_CASE("a reply is recognised behind its IP header") {
  const std::string reply("\x00\x00\x00\x00\x12\x34\x80\x07", 8);
  CHECK(parse_echo_reply(net::Family::V4, "\x45" + std::string(19, '\0') + reply) ==
        Echo{0x1234, 0x8007});
  CHECK(parse_echo_reply(net::Family::V6, "\x81" + reply.substr(1)) == Echo{0x1234, 0x8007});
}

TEST_CASE("everything else is no reply") {
  CHECK_FALSE(parse_echo_reply(net::Family::V4, ""));
  CHECK_FALSE(parse_echo_reply(net::Family::V4, "\x4f"));
  CHECK_FALSE(parse_echo_reply(net::Family::V4,
                               "\x45" + std::string(19, '\0') + "\x08" + std::string(7, '\0')));
  CHECK_FALSE(parse_echo_reply(net::Family::V6, "\x81\x00"));
}
