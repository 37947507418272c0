#include "hostnet/saved_devices.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using hostnet::SavedDevices;
using parsed::cidr;
using parsed::ip;
using parsed::mac;

TEST_CASE("what is remembered is read as it was written") {
  SavedDevices memory;
  memory.devices[net::Family::V6].index = 8;
  memory.devices[net::Family::V6].mtu = 1430;
  netlink::Route route;
  route.destination = cidr("10.244.2.0/24");
  route.link = 5;
  route.gateway = ip("10.244.2.0");
  route.source = ip("10.244.1.0");
  route.protocol = 80;
  route.scope = 253;
  route.onlink = true;
  route.metric = 7;
  memory.devices[net::Family::V4] = {
      5, 0,
      hostnet::DeviceState{{{5, ip("10.244.1.0"), 32, 0}},
                           {route},
                           {{5, ip("10.244.2.0"), mac("56:1d:8d:30:79:02")}},
                           {{5, mac("56:1d:8d:30:79:02"), ip("172.30.0.2")}}}};
  CHECK(hostnet::parse_saved_devices(hostnet::render_saved_devices(memory)) == memory);
  CHECK(hostnet::parse_saved_devices(hostnet::render_saved_devices({})) == SavedDevices{});
}

TEST_CASE("what nobody wrote is refused") {
  const std::string text = GENERATE("", "[", R"({"v4":{"index":5,"lay":{"routes":[{"to":"x"}]}}})");
  CHECK_FALSE(hostnet::parse_saved_devices(text));
}
