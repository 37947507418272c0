#include "controller/cluster/discovery.h"

#include "fakes/fake_transport.h"

#include <catch2/catch.hpp>

using controller::calico_uses_v3;

namespace {

base::Result<bool> with_groups(const std::string& groups) {
  fakes::FakeTransport transport([&](const kube::Request& request) {
    CHECK(request.to_string() == "GET /apis");
    return kube::Response{200, R"({"kind":"APIGroupList","groups":[)" + groups + "]}"};
  });
  return calico_uses_v3(kube::Reader(transport));
}

}  // namespace

TEST_CASE("Calico's API group") {
  const std::string v3 = R"({"name":"projectcalico.org"})";
  const std::string v1 = R"({"name":"crd.projectcalico.org"})";
  CHECK_FALSE(*with_groups(""));
  CHECK_FALSE(*with_groups(v1));
  CHECK(*with_groups(v3));
  // Its aggregated API server stores in the other group.
  CHECK_FALSE(*with_groups(v3 + "," + v1));
}

TEST_CASE("an answer that is no list of groups says nothing about Calico's API group") {
  const kube::Response answer =
      GENERATE(kube::Response{503, ""}, kube::Response{200, R"({"status":"ok"})"});
  fakes::FakeTransport transport([&](const kube::Request&) { return answer; });
  CHECK_FALSE(calico_uses_v3(kube::Reader(transport)));
}
