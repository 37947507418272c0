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

TEST_CASE("the ConfigMap tells what the migration cannot follow") {
  const auto [problem, conf] = GENERATE(table<std::string, std::string>({
      {"", R"({"plugins":[{"type":"flannel","delegate":{"hairpinMode":true}}]})"},
      {"", R"({"type":"flannel","ipam":{"dataDir":"/var/lib/cni//./own"}})"},
      {"leaves pods to the plugin 'ptp', wanted bridge",
       R"({"plugins":[{"type":"flannel","delegate":{"type":"ptp"}}]})"},
      {"has addresses from the plugin 'dhcp', wanted host-local",
       R"({"plugins":[{"type":"calico","ipam":{"type":"dhcp"}}]})"},
      {"keeps its leases in /run/leases, wanted a folder below /var/lib/cni",
       R"({"plugins":[{"type":"calico","ipam":{"type":"host-local","dataDir":"/run/leases"}}]})"},
      {"keeps its leases in /var/lib/cni/../x, wanted a folder below /var/lib/cni",
       R"({"type":"flannel","ipam":{"dataDir":"/var/lib/cni/../x"}})"},
      // Calico's own, and plugins of others.
      {"", R"({"plugins":[{"type":"calico","ipam":{"type":"calico-ipam"}}]})"},
      {"", R"({"plugins":[{"type":"ptp","ipam":{"type":"dhcp"}}]})"},
      {"", R"({"plugins":[]})"},
      {"", "no JSON"},
  }));
  CAPTURE(conf);
  CHECK(flannel::cni_problem({{"cni-conf.json", conf}}) == problem);
}
