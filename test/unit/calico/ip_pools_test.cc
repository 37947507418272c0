#include "calico/ip_pools.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using calico::PoolWanted;
using parsed::cidr;
using parsed::document;

namespace {

const PoolWanted kWanted{"default-ipv4-ippool", cidr("10.244.0.0/16"), 26, true};

api::IpPool changed(std::string_view pointer, std::string_view json) {
  auto pool = document(calico::render_pool(kWanted));
  pool.set(pointer, document(json).root());
  return api::parse_ip_pool(pool.root());
}

}  // namespace

TEST_CASE("a new pool is written as Calico's client does") {
  CHECK(document(calico::render_pool(kWanted)) == document(R"-({
    "apiVersion":"crd.projectcalico.org/v1","kind":"IPPool","metadata":{"name":"default-ipv4-ippool"},
    "spec":{"cidr":"10.244.0.0/16","vxlanMode":"Always","ipipMode":"Never","natOutgoing":true,"blockSize":26,
            "nodeSelector":"all()","allowedUses":["Workload","Tunnel"],"assignmentMode":"Automatic"}})-"));
}

TEST_CASE("natOutgoing is left out when it is off") {
  auto wanted = kWanted;
  wanted.nat_outgoing = false;
  CHECK_FALSE(document(calico::render_pool(wanted))["spec"]["natOutgoing"].exists());
}

TEST_CASE("the pool that was written serves as it is") {
  CHECK(calico::compare_pool(api::parse_ip_pool(document(calico::render_pool(kWanted)).root()),
                             kWanted)
            .empty());
}

TEST_CASE("each field that matters is compared") {
  const auto [pointer, json, observed, wanted, immutable] =
      GENERATE(table<std::string, std::string, std::string, std::string, bool>({
          {"/spec/cidr", R"("192.168.0.0/16")", "192.168.0.0/16", "10.244.0.0/16", true},
          {"/spec/cidr", R"("garbage")", "garbage", "10.244.0.0/16", true},
          {"/spec/blockSize", "24", "24", "26", true},
          {"/spec/vxlanMode", R"("CrossSubnet")", "CrossSubnet", "Always", false},
          {"/spec/vxlanMode", "null", "", "Always", false},
          {"/spec/ipipMode", R"("Always")", "Always", "Never", false},
          {"/spec/ipipMode", "null", "", "Never", false},
          {"/spec/natOutgoing", "false", "false", "true", false},
          {"/spec/disabled", "true", "true", "false", false},
          {"/spec/nodeSelector", "\"has(x)\"", "has(x)", "all()", false},
          {"/spec/allowedUses", R"(["Workload"])", "Workload", "Workload,Tunnel", false},
          {"/spec/assignmentMode", R"("Manual")", "Manual", "Automatic", false},
          {"/spec/namespaceSelector", "\"has(y)\"", "has(y)", "all()", false},
      }));
  CAPTURE(pointer, json);
  const auto differences = calico::compare_pool(changed(pointer, json), kWanted);
  REQUIRE(differences.size() == 1);
  CHECK(differences[0].field == "spec." + pointer.substr(6));
  CHECK(differences[0].observed == observed);
  CHECK(differences[0].wanted == wanted);
  CHECK(differences[0].immutable == immutable);
}

TEST_CASE("a blank field is Calico's default") {
  const std::string pointer = GENERATE("/spec/blockSize", "/spec/nodeSelector", "/spec/allowedUses",
                                       "/spec/assignmentMode");
  CAPTURE(pointer);
  CHECK(calico::compare_pool(changed(pointer, "null"), kWanted).empty());
}

TEST_CASE("the default block size is that of the family") {
  api::IpPool pool;
  CHECK(calico::effective_block_size(pool) == 26);
  pool.cidr = cidr("fd00::/48");
  CHECK(calico::effective_block_size(pool) == 122);
  pool.block_size = 116;
  CHECK(calico::effective_block_size(pool) == 116);
}
