#include "calico/block.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using calico::WhenHeld;
using parsed::document;

namespace {

// A /30 of node n1: ordinal 0 is the tunnel's, 2 is a pod's, with a field of a newer Calico
// release.
constexpr std::string_view kBlock =
    R"({"metadata":{"name":"b","resourceVersion":"7"},"spec":{"cidr":"10.244.1.0/30",
  "affinity":"host:n1","allocations":[0,null,1,null],"unallocated":[3,1],
  "attributes":[{"handle_id":"vxlan-tunnel-addr-n1","secondary":{"node":"n1","type":"vxlanTunnelAddress"}},
                {"handle_id":"pod","secondary":{"node":"n1"},"alternateOwnerAttrs":{"x":"y"}}],
  "sequenceNumber":9223372036854775000,"sequenceNumberForAllocation":{"0":5,"2":6},
  "deleted":false,"strictAffinity":false,"novel":{"kept":true}}})";

std::string spec_of(const json::Document& block, std::string_view field) {
  return block["spec"][field].dump();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

const std::set<std::uint32_t> kAll{0, 1, 2, 3};

}  // namespace

TEST_CASE("a free ordinal is allocated with the sequence number of before the write") {
  auto block = document(kBlock);
  const auto added =
      calico::allocate(block, {1, 3}, calico::reservation_owner("n1"), WhenHeld::Refuse);
  calico::bump_sequence(block);
  REQUIRE(added == 2);
  CHECK(spec_of(block, "allocations") == "[0,2,1,2]");
  CHECK(spec_of(block, "unallocated") == "[]");
  CHECK(spec_of(block, "sequenceNumber") == "9223372036854775001");
  CHECK(block["spec"]["sequenceNumberForAllocation"]["1"].integer() == 9223372036854775000);
  CHECK(block["spec"]["attributes"].at(2)["handle_id"].string() == "flannel-migration-n1");
  CHECK(calico::check_block(block));
}

TEST_CASE("an edit keeps what it does not know") {
  auto block = document(kBlock);
  REQUIRE(calico::allocate(block, {1}, calico::reservation_owner("n1"), WhenHeld::Refuse));
  REQUIRE(calico::release(block, kAll, "vxlan-tunnel-addr-n1"));
  CHECK(spec_of(block, "novel") == R"({"kept":true})");
  CHECK(block["metadata"]["resourceVersion"].string() == "7");
  CHECK(block["spec"]["attributes"].at(0)["alternateOwnerAttrs"]["x"].string() == "y");
}

TEST_CASE("the order of the free ordinals that stay free is kept") {
  auto block = document(
      R"({"spec":{"cidr":"10.0.0.0/30","allocations":[null,null,null,null],"unallocated":[2,0,3,1],
                            "attributes":[]}})");
  REQUIRE(calico::allocate(block, {0}, calico::reservation_owner("n"), WhenHeld::Refuse) == 1);
  CHECK(spec_of(block, "unallocated") == "[2,3,1]");
  CHECK(spec_of(block, "sequenceNumberForAllocation") == R"({"0":0})");
}

TEST_CASE("an ordinal that the owner holds already is left alone") {
  auto block = document(kBlock);
  CHECK(calico::allocate(block, {0}, calico::tunnel_owner("n1", net::Family::V4),
                         WhenHeld::Refuse) == 0);
  CHECK(block == document(kBlock));
}

TEST_CASE("an ordinal of another handle refuses the whole allocation") {
  auto block = document(kBlock);
  const auto added =
      calico::allocate(block, {1, 2}, calico::reservation_owner("n1"), WhenHeld::Refuse);
  REQUIRE_FALSE(added);
  CHECK(added.error().kind == base::ErrorKind::Conflict);
  CHECK_THAT(added.error().message, Catch::Contains("ordinal 2") && Catch::Contains("'pod'"));
  CHECK(block == document(kBlock));
}

TEST_CASE("an ordinal of another handle can be skipped") {
  auto block = document(kBlock);
  CHECK(calico::allocate(block, {1, 2}, calico::reservation_owner("n1"), WhenHeld::Skip) == 1);
  CHECK(spec_of(block, "allocations") == "[0,2,1,null]");
  CHECK(spec_of(block, "unallocated") == "[3]");
}

TEST_CASE(
    "an ordinal that only cools down is taken over, and its attribute goes when nobody needs it") {
  const auto [others, allocations, attributes] =
      GENERATE(table<std::string, std::string, std::size_t>({
          {"null", "[0,null,null,null]", 1},
          {"0", "[1,0,null,null]", 2},
      }));
  CAPTURE(others);
  auto block = document(R"({"spec":{"cidr":"10.0.0.0/30","allocations":[0,)" + others +
                        R"(,null,null],"unallocated":)" + (others == "null" ? "[1,2,3]" : "[2,3]") +
                        R"(,"sequenceNumber":3,
                        "attributes":[{"releasedAt":"2026-08-22T13:33:20Z"}]}})");
  REQUIRE(calico::allocate(block, {0}, calico::tunnel_owner("n1", net::Family::V4),
                           WhenHeld::Refuse) == 1);
  CHECK(spec_of(block, "allocations") == allocations);
  CHECK(block["spec"]["attributes"].size() == attributes);
  CHECK(calico::check_block(block));
}

TEST_CASE("a release frees no other ordinals than those that were asked for") {
  auto block = document(kBlock);
  CHECK(calico::release(block, {1, 2}, "vxlan-tunnel-addr-n1") == 0);
  CHECK(block == document(kBlock));
  CHECK_FALSE(calico::release(block, {4}, "vxlan-tunnel-addr-n1"));
}

TEST_CASE("a release frees all ordinals of the handle and shifts the higher attributes") {
  auto block = document(kBlock);
  CHECK(calico::release(block, kAll, "vxlan-tunnel-addr-n1") == 1);
  CHECK(spec_of(block, "allocations") == "[null,null,0,null]");
  CHECK(spec_of(block, "unallocated") == "[3,1,0]");
  CHECK(spec_of(block, "sequenceNumberForAllocation") == R"({"2":6})");
  CHECK(block["spec"]["attributes"].size() == 1);
  CHECK(spec_of(block, "sequenceNumber") == "9223372036854775000");
  CHECK(calico::check_block(block));
}

TEST_CASE("a release of an unknown handle changes nothing") {
  const std::string handle = GENERATE("", "other", "VXLAN-tunnel-addr-n1");
  auto block = document(kBlock);
  CHECK(calico::release(block, kAll, handle) == 0);
  CHECK(block == document(kBlock));
}

TEST_CASE("ordinals are released whoever holds them") {
  auto block = document(kBlock);
  CHECK(calico::release_ordinals(block, {0, 1, 2}) == 2);
  CHECK(spec_of(block, "allocations") == "[null,null,null,null]");
  CHECK(spec_of(block, "unallocated") == "[3,1,0,2]");
  CHECK(spec_of(block, "attributes") == "[]");
  CHECK(spec_of(block, "sequenceNumberForAllocation") == "{}");
}

TEST_CASE("an allocation that is released again leaves the block as it was, but for the order") {
  auto block = document(kBlock);
  REQUIRE(calico::allocate(block, {1}, calico::reservation_owner("n1"), WhenHeld::Refuse) == 1);
  REQUIRE(calico::release(block, kAll, "flannel-migration-n1") == 1);
  CHECK(block == document(kBlock));
}

TEST_CASE("an ordinal outside of the block is refused") {
  auto block = document(kBlock);
  const std::uint32_t ordinal = GENERATE(4u, 64u, 4294967295u);
  CHECK(calico::allocate(block, {1, ordinal}, calico::reservation_owner("n1"), WhenHeld::Skip)
            .error()
            .kind == base::ErrorKind::Invalid);
  CHECK(calico::release_ordinals(block, {0, ordinal}).error().kind == base::ErrorKind::Invalid);
  CHECK(block == document(kBlock));
}

TEST_CASE("the sequence number does not wrap around") {
  auto block = document(R"({"spec":{"sequenceNumber":9223372036854775807}})");
  calico::bump_sequence(block);
  CHECK(spec_of(block, "sequenceNumber") == "9223372036854775807");
}

TEST_CASE("a block that is not sound is neither accepted nor edited") {
  const auto [name, from, to] = GENERATE(table<std::string, std::string, std::string>({
      {"no network", "10.244.1.0/30", "garbage"},
      {"host bits in the network", "10.244.1.0/30", "10.244.1.1/30"},
      {"too few allocations", "[0,null,1,null]", "[0,null,1]"},
      {"too many allocations", "[0,null,1,null]", "[0,null,1,null,null]"},
      {"allocations of a wrong type", "[0,null,1,null]", "{}"},
      {"index behind the attributes", "[0,null,1,null]", "[0,null,2,null]"},
      {"negative index", "[0,null,1,null]", "[-1,null,1,null]"},
      {"index that is no number", "[0,null,1,null]", "[\"0\",null,1,null]"},
      {"index with a fraction", "[0,null,1,null]", "[0.5,null,1,null]"},
      {"ordinal free and held", "[3,1]", "[3,1,0]"},
      {"ordinal neither free nor held", "[3,1]", "[3]"},
      {"ordinal free twice", "[3,1]", "[3,1,1]"},
      {"one free twice, another missing", "[3,1]", "[3,3]"},
      {"free ordinal outside of the block", "[3,1]", "[3,1,4]"},
      {"free ordinal that is huge", "[3,1]", "[3,1,18446744073709551615]"},
      {"free ordinal that is no number", "[3,1]", "[3,\"1\"]"},
      {"sequence number with a fraction", "9223372036854775000", "1.8e18"},
      {"sequence number beyond 64 bits", "9223372036854775000", "9223372036854775808"},
      {"whole network in one block", "10.244.1.0/30", "0.0.0.0/0"},
  }));
  CAPTURE(name);
  const auto broken = document(replaced(std::string(kBlock), from, to));
  auto block = broken;
  CHECK(calico::check_block(block).error().kind == base::ErrorKind::Invalid);
  CHECK_FALSE(calico::allocate(block, {1}, calico::reservation_owner("n1"), WhenHeld::Skip));
  CHECK_FALSE(calico::release(block, kAll, "pod"));
  CHECK_FALSE(calico::release_ordinals(block, {0}));
  CHECK(block == broken);
}

TEST_CASE("a document that is no block at all is refused") {
  const std::string text =
      GENERATE("{}", "[]", "null", "7", R"({"spec":"x"})", R"({"spec":{"cidr":"10.0.0.0/32"}})");
  CAPTURE(text);
  CHECK_FALSE(calico::check_block(document(text)));
}
