#include "calico/block.h"
#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using calico::Owner;
using net::Family;
using parsed::cidr;
using parsed::document;

namespace {

const auto kNow = parsed::time("2026-08-22T13:33:20Z");

// "[0,1,...]" without the numbers below `first`.
std::string numbers(int first, int end) {
  std::string text;
  for (int i = first; i < end; ++i) text += (text.empty() ? "" : ",") + std::to_string(i);
  return "[" + text + "]";
}

std::string nulls(int count, const std::string& first = "null") {
  std::string text = first;
  for (int i = 1; i < count; ++i) text += ",null";
  return "[" + text + "]";
}

// As Calico itself wrote it in a real cluster.
const std::string kGoldenBlock = R"({"apiVersion":"crd.projectcalico.org/v1","kind":"IPAMBlock",
  "metadata":{"name":"10-244-1-0-26"},
  "spec":{"cidr":"10.244.1.0/26","affinity":"host:kind-worker","affinityClaimTime":"2026-08-22T13:33:20Z",
  "allocations":)" + nulls(64, "0") +
                                 R"(,"unallocated":)" + numbers(1, 64) + R"(,
  "attributes":[{"handle_id":"vxlan-tunnel-addr-kind-worker","secondary":{"node":"kind-worker","type":"vxlanTunnelAddress"}}],
  "sequenceNumber":1787405600000000001,"sequenceNumberForAllocation":{"0":1787405600000000000},
  "deleted":false,"strictAffinity":false}})";

const std::string kGoldenEmptyBlock =
    R"({"apiVersion":"crd.projectcalico.org/v1","kind":"IPAMBlock",
  "metadata":{"name":"10-244-1-64-26"},
  "spec":{"cidr":"10.244.1.64/26","affinity":"host:kind-worker","affinityClaimTime":"2026-08-22T13:33:20Z",
  "allocations":)" +
    nulls(64) + R"(,"unallocated":)" + numbers(0, 64) + R"(,"attributes":[],
  "sequenceNumber":1787405600000000000,"sequenceNumberForAllocation":{},"deleted":false,"strictAffinity":false}})";

}  // namespace

TEST_CASE("a block with the tunnel address is what Calico's own migration writes") {
  const auto block =
      calico::render_block("kind-worker", cidr("10.244.1.0/26"),
                           {{0, calico::tunnel_owner("kind-worker", Family::V4)}}, kNow);
  CHECK(document(block).dump() == document(kGoldenBlock).dump());
  CHECK(calico::check_block(document(block)));
}

TEST_CASE("a block without allocations is all free") {
  const auto block = calico::render_block("kind-worker", cidr("10.244.1.64/26"), {}, kNow);
  CHECK(document(block).dump() == document(kGoldenEmptyBlock).dump());
  CHECK(calico::check_block(document(block)));
}

TEST_CASE("owners that are equal share one attribute in a new block") {
  const auto reserved = calico::reservation_owner("n1");
  const auto text = calico::render_block(
      "n1", cidr("fd00:10:244:1::/122"),
      {{0, calico::tunnel_owner("n1", Family::V6)}, {1, reserved}, {7, reserved}}, kNow);
  const auto block = document(text);
  const auto spec = block["spec"];
  CHECK(block["metadata"]["name"].string() == "fd00-10-244-1---122");
  CHECK(spec["attributes"].size() == 2);
  CHECK(spec["attributes"].at(0)["secondary"]["type"].string() == "vxlanV6TunnelAddress");
  CHECK(spec["allocations"].at(1).integer() == 1);
  CHECK(spec["allocations"].at(7).integer() == 1);
  CHECK(spec["unallocated"].size() == 61);
  CHECK(calico::check_block(block));
}

TEST_CASE("an affinity carries all three labels and is confirmed") {
  CHECK(document(calico::render_affinity("kind-worker", cidr("10.244.1.0/26"))) == document(R"({
    "apiVersion":"crd.projectcalico.org/v1","kind":"BlockAffinity",
    "metadata":{"name":"kind-worker-10-244-1-0-26","labels":{
      "projectcalico.org/affinity-type":"host",
      "projectcalico.org/hostname-hash":"IBVBROKXJCMHPK3CZI3D3PWK642IN433QZEAMKIO7Z4KRA4BKK3Q",
      "projectcalico.org/ip-version":"4"}},
    "spec":{"cidr":"10.244.1.0/26","deleted":"false","node":"kind-worker","state":"confirmed","type":"host"}})"));
  CHECK(document(calico::render_affinity(
            "n", cidr("fd00::/122")))["metadata"]["labels"]["projectcalico.org/ip-version"]
            .string() == "6");
}

TEST_CASE("a handle counts its addresses by block") {
  CHECK(document(calico::render_handle("vxlan-tunnel-addr-Kind-Worker",
                                       {{cidr("10.244.1.0/26"), 1}})) == document(R"({
    "apiVersion":"crd.projectcalico.org/v1","kind":"IPAMHandle","metadata":{"name":"vxlan-tunnel-addr-kind-worker"},
    "spec":{"handleID":"vxlan-tunnel-addr-Kind-Worker","block":{"10.244.1.0/26":1},"deleted":false}})"));
}
