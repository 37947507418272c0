#include "kube/request.h"

#include <catch2/catch.hpp>

using namespace kube;

namespace {
const ObjectRef kNode{kNodes, "", "w1"};
const ObjectRef kPod{kPods, "kube-system", "calico-node-x"};
constexpr Resource kPools{"crd.projectcalico.org", "v1", "ippools", "IPPool", Scope::Cluster};
}  // namespace

TEST_CASE("a get asks for one object") {
  CHECK(get_request(kNode).path == "/api/v1/nodes/w1");
  CHECK(get_request(kPod, "status").path ==
        "/api/v1/namespaces/kube-system/pods/calico-node-x/status");
  CHECK(get_request({kPools, "", "default"}).path ==
        "/apis/crd.projectcalico.org/v1/ippools/default");
  CHECK(get_request(kNode).to_string() == "GET /api/v1/nodes/w1");
}

TEST_CASE("names cannot leave their place in a path") {
  CHECK(get_request({kNodes, "", "../x?a=b#c d"}).path == "/api/v1/nodes/..%2Fx%3Fa%3Db%23c%20d");
  CHECK(percent_encode("a-b._~\xc3\xa4") == "a-b._~%C3%A4");
}

TEST_CASE("a list is selected, limited and continued by its query") {
  CHECK(list_request(kNodes, {}).path == "/api/v1/nodes?limit=500");
  CHECK(list_request(kPods, {{"", "k8s-app in (a,b)", "spec.nodeName=w1"}, 2, "tok=", "7"}).path ==
        "/api/v1/pods?labelSelector=k8s-app%20in%20%28a%2Cb%29&fieldSelector=spec.nodeName%3Dw1"
        "&limit=2&continue=tok%3D&resourceVersion=7");
  CHECK(list_request(kPods, {{"ns"}, 0}).path == "/api/v1/namespaces/ns/pods");
}

TEST_CASE("a watch asks for bookmarks and waits longer than the server") {
  const Request request = watch_request(kDaemonSets, {{"ns"}, "42"});
  CHECK(request.path ==
        "/apis/apps/v1/namespaces/ns/daemonsets?watch=true&allowWatchBookmarks=true"
        "&resourceVersion=42&timeoutSeconds=290");
  CHECK(request.timeout == std::chrono::seconds(305));
}

TEST_CASE("a patch names its kind of patch") {
  const auto [type, content_type] = GENERATE(table<PatchType, std::string>({
      {PatchType::Merge, "application/merge-patch+json"},
      {PatchType::Strategic, "application/strategic-merge-patch+json"},
      {PatchType::Json, "application/json-patch+json"},
  }));
  const Request request = patch_request(kNode, type, "{}", "status");
  CHECK(request.content_type == content_type);
  CHECK(request.to_string() == "PATCH /api/v1/nodes/w1/status");
  CHECK(request.body == "{}");
}

TEST_CASE("create goes to the collection and replace to the object") {
  CHECK(create_request(kConfigMaps, "ns", "{}").to_string() ==
        "POST /api/v1/namespaces/ns/configmaps");
  CHECK(replace_request(kPod, "{}").to_string() ==
        "PUT /api/v1/namespaces/kube-system/pods/calico-node-x");
}

TEST_CASE("a delete carries its preconditions") {
  CHECK(delete_request(kPod).body == R"({"apiVersion":"v1","kind":"DeleteOptions"})");
  CHECK(delete_request(kPod, {"u", "9", Propagation::Foreground, 0}).body ==
        R"({"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0,)"
        R"("preconditions":{"uid":"u","resourceVersion":"9"},"propagationPolicy":"Foreground"})");
  CHECK(delete_collection_request(kPods, {"ns", "a=b", ""}).path ==
        "/api/v1/namespaces/ns/pods?labelSelector=a%3Db");
}

TEST_CASE("an eviction is posted to the pod") {
  const Request request = evict_request(kPod, {"u", 30});
  CHECK(request.to_string() == "POST /api/v1/namespaces/kube-system/pods/calico-node-x/eviction");
  CHECK(request.body ==
        R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"calico-node-x",)"
        R"("namespace":"kube-system"},"deleteOptions":{"apiVersion":"v1","kind":"DeleteOptions",)"
        R"("gracePeriodSeconds":30,"preconditions":{"uid":"u"}}})");
}
