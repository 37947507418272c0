#include "hostnet/cni_conf.h"

#include <catch2/catch.hpp>

using hostnet::CniKind;
using hostnet::parse_cni_conf;

TEST_CASE("whose a CNI configuration is can be told from its first plugin") {
  const auto [kind, text] = GENERATE(table<CniKind, std::string>({
      {CniKind::Flannel, R"({"name":"n","plugins":[{"type":"flannel"},{"type":"portmap"}]})"},
      {CniKind::Flannel, R"({"name":"n","type":"flannel"})"},
      {CniKind::Calico,
       R"({"name":"n","plugins":[{"type":"calico","ipam":{"type":"calico-ipam"}}]})"},
      {CniKind::Canal,
       R"({"name":"n","plugins":[{"type":"calico","ipam":{"type":"host-local"}}]})"},
      {CniKind::Other, R"({"name":"n","plugins":[{"type":"bridge"},{"type":"flannel"}]})"},
      {CniKind::Dummy, hostnet::dummy_conf()},
      {CniKind::Unreadable, ""},
      {CniKind::Unreadable, "[]"},
      {CniKind::Unreadable, R"({"plugins":[]})"},
      {CniKind::Unreadable, R"({"plugins":[{"type":7}]})"},
  }));
  CAPTURE(text);
  const auto conf = parse_cni_conf("x.conf", text);
  CHECK(conf.kind == kind);
  CHECK(conf.problem.empty() == (kind != CniKind::Unreadable));
}

TEST_CASE("the bridge is the one that the delegate names") {
  CHECK(parse_cni_conf("x", R"({"plugins":[{"type":"flannel"}]})").bridge == "cni0");
  CHECK(
      parse_cni_conf("x", R"({"plugins":[{"type":"flannel","delegate":{"bridge":"b"}}]})").bridge ==
      "b");
}

TEST_CASE("a configuration that leaves pods or addresses to somebody else is told") {
  const auto [unsupported, text] = GENERATE(table<std::string, std::string>({
      {"", R"({"type":"flannel"})"},
      {"", R"({"type":"flannel","delegate":{"type":"bridge"},"ipam":{"type":"host-local"}})"},
      {"leaves pods to the plugin 'ptp', wanted bridge",
       R"({"type":"flannel","delegate":{"type":"ptp"}})"},
      {"has addresses from the plugin 'dhcp', wanted host-local",
       R"({"type":"flannel","ipam":{"type":"dhcp"}})"},
      {"has addresses from the plugin 'static', wanted host-local",
       R"({"plugins":[{"type":"calico","ipam":{"type":"static"}}]})"},
      {"", R"({"type":"calico","ipam":{"type":"calico-ipam"}})"},
      {"", R"({"type":"bridge","ipam":{"type":"dhcp"}})"},
  }));
  CAPTURE(text);
  CHECK(parse_cni_conf("x", text).unsupported == unsupported);
}

TEST_CASE("the folder of the leases is host-local's dataDir") {
  CHECK(parse_cni_conf("x", R"({"type":"flannel"})").lease_folder.empty());
  CHECK(parse_cni_conf("x", R"({"type":"flannel","ipam":{"dataDir":"/a"}})").lease_folder == "/a");
  CHECK(parse_cni_conf(
            "x", R"({"plugins":[{"type":"calico","ipam":{"type":"host-local","dataDir":"/b"}}]})")
            .lease_folder == "/b");
}

TEST_CASE("runtimes look at three endings") {
  CHECK(hostnet::is_conf_name("10-calico.conflist"));
  CHECK(hostnet::is_conf_name("a.json"));
  CHECK_FALSE(hostnet::is_conf_name("10-calico.conflist.flannel-migration"));
  CHECK_FALSE(hostnet::is_conf_name("calico-kubeconfig"));
}
