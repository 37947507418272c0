#include "flannel/cni_network.h"

#include <catch2/catch.hpp>

using flannel::cni_network;

TEST_CASE("the ConfigMap names the network of the CNI configuration") {
  CHECK(cni_network({{"cni-conf.json", R"({"name":"cbr0","plugins":[]})"}}) == "cbr0");
  CHECK(cni_network({{"net-conf.json", "{}"},
                     {"cni_network_config",
                      R"({"name":"k8s-pod-network","plugins":[{"mtu":__CNI_MTU__}]})"}}) ==
        "k8s-pod-network");
}

TEST_CASE("the ConfigMap names the folder of the leases") {
  CHECK(flannel::cni_lease_folder(
            {{"cni-conf.json", R"({"plugins":[{"type":"flannel","ipam":{"dataDir":"/a"}}]})"}}) ==
        "/a");
  CHECK(flannel::cni_lease_folder(
            {{"cni-conf.json", R"({"type":"flannel","ipam":{"dataDir":"/b"}})"}}) == "/b");
  CHECK(flannel::cni_lease_folder({{"cni-conf.json", R"({"plugins":[]})"}}).empty());
  CHECK(flannel::cni_lease_folder({}).empty());
}

TEST_CASE("a ConfigMap that does not name it says nothing") {
  CHECK(cni_network({}).empty());
  CHECK(cni_network({{"cni-conf.json", "no JSON"}}).empty());
  CHECK(cni_network({{"cni-conf.json", R"({"name":7})"}}).empty());
}
