#include "api/calico.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using parsed::cidr;
using parsed::document;

TEST_CASE("an IPPool is read") {
  const auto pool = api::parse_ip_pool(
      document(R"({"metadata":{"name":"default-ipv4-ippool"},"spec":{"cidr":"10.244.0.0/16",
    "vxlanMode":"Always","ipipMode":"Never","natOutgoing":true,"blockSize":26,"nodeSelector":"everywhere","allowedUses":["Workload","Tunnel"],
    "assignmentMode":"Manual","namespaceSelector":"x"}})")
          .root());
  CHECK(pool.cidr == cidr("10.244.0.0/16"));
  CHECK(pool.vxlan_mode == "Always");
  CHECK(pool.nat_outgoing);
  CHECK_FALSE(pool.disabled);
  CHECK(pool.block_size == 26);
  CHECK(pool.allowed_uses == std::vector<std::string>{"Workload", "Tunnel"});
  CHECK(pool.assignment_mode == "Manual");
  CHECK(pool.namespace_selector == "x");
}

TEST_CASE("a pool whose network cannot be read keeps its text") {
  const auto pool = api::parse_ip_pool(
      document(R"({"spec":{"cidr":"10.244.0.0","blockSize":99999999999}})").root());
  CHECK_FALSE(pool.cidr);
  CHECK(pool.cidr_text == "10.244.0.0");
  CHECK(pool.block_size == 0);
}

TEST_CASE("what Felix's settings leave out stays absent") {
  const auto felix = api::parse_felix_configuration(
      document(
          R"({"spec":{"vxlanEnabled":false,"vxlanVNI":1,"vxlanPort":"8472","healthPort":9199}})")
          .root());
  CHECK(felix.vxlan_enabled == false);
  CHECK(felix.vxlan_vni == 1);
  CHECK_FALSE(felix.vxlan_port);
  CHECK_FALSE(felix.vxlan_mtu);
  CHECK(felix.health_port == 9199);
}

TEST_CASE("an IPAMConfig has Calico's defaults") {
  const auto config = api::parse_ipam_config(document("{}").root());
  CHECK_FALSE(config.strict_affinity);
  CHECK(config.auto_allocate_blocks);
  CHECK(
      api::parse_ipam_config(
          document(
              R"({"spec":{"strictAffinity":true,"autoAllocateBlocks":false,"maxBlocksPerHost":4}})")
              .root())
          .max_blocks_per_host == 4);
}

TEST_CASE("a datastore that is not ready differs from one that says nothing") {
  CHECK(api::parse_cluster_information(document(R"({"spec":{"datastoreReady":false}})").root())
            .datastore_ready == false);
  CHECK_FALSE(api::parse_cluster_information(document("{}").root()).datastore_ready.has_value());
}

TEST_CASE("a block tells who holds its addresses") {
  const auto block = api::parse_ipam_block(
      document(R"({"metadata":{"name":"b"},"spec":{"cidr":"10.244.1.0/29","affinity":"host:n1",
    "allocations":[0,null,1,2,9,-1,"x",null],"attributes":[{"handle_id":"tunnel"},{"handle_id":"pod"},{"releasedAt":"2026-08-22T13:33:20Z"}],
    "unallocated":[1,7],"deleted":true}})")
          .root());
  REQUIRE(block);
  CHECK(block->cidr == cidr("10.244.1.0/29"));
  CHECK(block->affinity == "host:n1");
  CHECK(block->allocated ==
        std::map<std::uint32_t, std::string>{{0, "tunnel"}, {2, "pod"}, {3, ""}, {4, ""}, {5, ""}});
  CHECK(block->deleted);
}

TEST_CASE("a block tells which addresses pods of other nodes have borrowed") {
  const auto block = api::parse_ipam_block(
      document(R"({"metadata":{"name":"b"},"spec":{"cidr":"10.244.1.0/29","affinity":"host:n1",
    "allocations":[0,1,2,3,null,9,-1,1],"attributes":[
      {"handle_id":"tunnel","secondary":{"node":"n2","type":"vxlanTunnelAddress"}},
      {"handle_id":"a","secondary":{"namespace":"x","node":"n2","pod":"a"}},
      {"handle_id":"b","secondary":{"namespace":"x","node":"n1","pod":"b"}},
      {"handle_id":"c"}]}})")
          .root());
  REQUIRE(block);
  CHECK(block->borrowed ==
        std::vector<std::pair<std::uint32_t, std::string>>{{1, "n2"}, {7, "n2"}});
}

TEST_CASE("a block or an affinity without a network is refused by name") {
  const std::string text =
      GENERATE(R"({"metadata":{"name":"b"}})", R"({"metadata":{"name":"b"},"spec":{"cidr":"x"}})",
               R"({"metadata":{"name":"b"},"spec":{"cidr":7}})");
  const auto object = document(text);
  CHECK_THAT(api::parse_ipam_block(object.root()).error().message,
             Catch::StartsWith("IPAMBlock b: spec.cidr"));
  CHECK_THAT(api::parse_block_affinity(object.root()).error().message,
             Catch::StartsWith("BlockAffinity b: spec.cidr"));
}

TEST_CASE("an affinity's blanks are read as Calico reads them") {
  const auto old = api::parse_block_affinity(
      document(R"({"spec":{"cidr":"10.244.1.0/26","node":"n1","state":"","deleted":"true"}})")
          .root());
  REQUIRE(old);
  CHECK(old->state == "confirmed");
  CHECK(old->type == "host");
  CHECK(old->deleted);
  const auto fresh = api::parse_block_affinity(
      document(
          R"({"spec":{"cidr":"10.244.1.0/26","state":"pending","type":"virtual","deleted":"false"}})")
          .root());
  CHECK(fresh->state == "pending");
  CHECK(fresh->type == "virtual");
  CHECK_FALSE(fresh->deleted);
}

TEST_CASE("a handle counts by block") {
  const auto handle = api::parse_ipam_handle(
      document(R"({"spec":{"handleID":"H","block":{"10.244.1.0/26":2,"x":"y"},"deleted":false}})")
          .root());
  CHECK(handle.handle_id == "H");
  CHECK(handle.blocks == std::map<std::string, int>{{"10.244.1.0/26", 2}, {"x", 0}});
  CHECK_FALSE(handle.deleted);
}
