#include "calico/vtep.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using calico::NodeVteps;
using calico::Vtep;
using parsed::ip;
using parsed::mac;

namespace {

const Vtep kVtep{ip("10.244.1.0"), mac("56:1d:8d:30:79:97"), ip("172.18.0.3")};
const Vtep kVtepV6{ip("fd00:10:244:1::"), mac("56:1d:8d:30:79:98"), ip("fc00::3")};

}  // namespace

TEST_CASE("end points are stated as annotations of the node") {
  CHECK(calico::render_vteps({kVtep, kVtepV6}) ==
        api::StringMap{{"projectcalico.org/IPv4Address", "172.18.0.3/32"},
                       {"projectcalico.org/IPv4VXLANTunnelAddr", "10.244.1.0"},
                       {"projectcalico.org/VXLANTunnelMACAddr", "56:1d:8d:30:79:97"},
                       {"projectcalico.org/IPv6Address", "fc00::3/128"},
                       {"projectcalico.org/IPv6VXLANTunnelAddr", "fd00:10:244:1::"},
                       {"projectcalico.org/VXLANTunnelMACAddrV6", "56:1d:8d:30:79:98"}});
}

TEST_CASE("a family that the node does not have is not annotated") {
  CHECK(calico::render_vteps({kVtep, std::nullopt}).size() == 3);
  CHECK(calico::render_vteps({}).empty());
  CHECK(calico::vtep_annotation_keys().size() == 6);
}

TEST_CASE("only what does not mean the same is missing") {
  const auto [name, key, value, missing] =
      GENERATE(table<std::string, std::string, std::string, bool>({
          {"as the migration writes it", "IPv4Address", "172.18.0.3/32", false},
          {"as calico-node writes it", "IPv4Address", "172.18.0.3/16", false},
          {"without a length", "IPv4Address", "172.18.0.3", false},
          {"another address", "IPv4Address", "172.18.0.4/16", true},
          {"a length that is none", "IPv4Address", "172.18.0.3/33", true},
          {"garbage", "IPv4Address", "autodetect", true},
          {"empty", "IPv4Address", "", true},
          {"another tunnel address", "IPv4VXLANTunnelAddr", "10.244.1.1", true},
          {"a tunnel address with a length, which Calico cannot read", "IPv4VXLANTunnelAddr",
           "10.244.1.0/32", true},
          {"a MAC in capitals", "VXLANTunnelMACAddr", "56:1D:8D:30:79:97", false},
          {"another MAC", "VXLANTunnelMACAddr", "56:1d:8d:30:79:96", true},
          {"a MAC that is none", "VXLANTunnelMACAddr", "56:1d", true},
      }));
  CAPTURE(name);
  const NodeVteps wanted{kVtep, std::nullopt};
  auto annotations = calico::render_vteps(wanted);
  annotations["projectcalico.org/" + key] = value;
  const auto found = calico::missing_annotations(wanted, annotations);
  CHECK(found.size() == (missing ? 1 : 0));
  CHECK(found.contains("projectcalico.org/" + key) == missing);
}

TEST_CASE("everything is missing on a node without annotations") {
  const NodeVteps wanted{kVtep, kVtepV6};
  CHECK(calico::missing_annotations(wanted, {}) == calico::render_vteps(wanted));
}
