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

TEST_CASE("runtimes look at three endings") {
  CHECK(hostnet::is_conf_name("10-calico.conflist"));
  CHECK(hostnet::is_conf_name("a.json"));
  CHECK_FALSE(hostnet::is_conf_name("10-calico.conflist.flannel-migration"));
  CHECK_FALSE(hostnet::is_conf_name("calico-kubeconfig"));
}
