#include "calico/names.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using net::Family;
using parsed::cidr;

TEST_CASE("a network's name is its text with dashes, as Calico has it") {
  const auto [text, name] = GENERATE(table<std::string, std::string>({
      {"10.244.1.0/26", "10-244-1-0-26"},
      {"fd00:10:244:1::/122", "fd00-10-244-1---122"},
      {"2001:cafe:42:0:1::40/122", "2001-cafe-42-0-1--40-122"},
      {"::/116", "---116"},
  }));
  CAPTURE(text);
  CHECK(calico::cidr_name(cidr(text)) == name);
}

TEST_CASE("the label of a host name is base32 of SHA3-256") {
  const auto [node, hash] = GENERATE(table<std::string, std::string>({
      {"node-a", "PY3TQE2E3XMTETLM2MJO3UITKPFB27YUJ4T4E5XGPEJON3SM4QAA"},
      {"kind-worker", "IBVBROKXJCMHPK3CZI3D3PWK642IN433QZEAMKIO7Z4KRA4BKK3Q"},
  }));
  CHECK(calico::hostname_hash(node) == hash);
}

TEST_CASE("an affinity is named after its node and block") {
  CHECK(calico::affinity_name("kind-worker", cidr("10.244.1.0/26")) == "kind-worker-10-244-1-0-26");
}

TEST_CASE("an affinity's name of 252 characters is kept, a longer one is cut and hashed") {
  const auto block = cidr("10.244.1.0/26");  // name of 13 characters
  CHECK(calico::affinity_name(std::string(238, 'n'), block) ==
        std::string(238, 'n') + "-10-244-1-0-26");

  const auto cut = calico::affinity_name(std::string(239, 'n'), block);
  CHECK(cut.size() == 252);
  // printf '%s' "$(printf 'n%.0s' {1..239})+10-244-1-0-26" | sha256sum
  CHECK(cut == std::string(226, 'n') + "-10-244-1-0-26-62826fd7a47");
}

TEST_CASE("handles are named in lower case after their node") {
  CHECK(calico::handle_name("k8s-pod-network.AbC") == "k8s-pod-network.abc");
  CHECK(calico::tunnel_handle("n1", Family::V4) == "vxlan-tunnel-addr-n1");
  CHECK(calico::tunnel_handle("n1", Family::V6) == "vxlan-v6-tunnel-addr-n1");
  CHECK(calico::reservation_handle("n1") == "flannel-migration-n1");
  CHECK(calico::host_affinity("n1") == "host:n1");
  CHECK(calico::host_of("host:n1") == "n1");
  CHECK_FALSE(calico::host_of("virtual:load-balancer"));
  CHECK_FALSE(calico::host_of(""));
}

TEST_CASE("the MAC that Felix derives is 66 and five bytes of SHA-1 of the node name") {
  CHECK(calico::derived_mac("kind-worker", Family::V4).to_string() == "66:46:b3:ce:05:5d");
  CHECK(calico::derived_mac("kind-worker", Family::V6).to_string() == "66:49:30:91:8e:81");
}
