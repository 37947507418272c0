#include "controller/write/action_writer.h"

#include "api/names.h"
#include "controller/snapshot/snapshot_builder.h"
#include "fakes/build/objects.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_transport.h"

#include <catch2/catch.hpp>

#include <deque>

using namespace controller;
using namespace migration;
using base::ErrorKind;

namespace {

const kube::Response kNotFound{404, R"({"kind":"Status","reason":"NotFound"})"};
const kube::Response kConflict{409, R"({"kind":"Status","reason":"Conflict"})"};
const kube::Response kExists{409, R"({"kind":"Status","reason":"AlreadyExists"})"};
const kube::Response kForbidden{403, R"({"kind":"Status","reason":"Forbidden"})"};

struct World {
  fakes::FakeClock clock;
  std::deque<kube::Response> answers;
  fakes::FakeTransport transport{[this](const kube::Request& request) {
    if (answers.empty())
      return kube::Response{200, request.method == kube::Method::Post ? request.body : "{}"};
    const auto answer = answers.front();
    answers.pop_front();
    return answer;
  }};
  kube::Reader reader{transport};
  kube::Writer writer{transport};
  ActionWriter actions{reader, writer, clock, {"ours", "registry/agent:1"}};
  SnapshotBuilder snapshot{{}};

  base::Result<void> run(const Action& action) {
    const auto change = actions.run(action, api::AgentSpec{});
    if (!change) return base::Failure(change.error());
    (*change)(snapshot);
    return {};
  }
  kube::Request request(std::size_t index = 0) const { return transport.requests().at(index); }
  json::Document body(std::size_t index = 0) const {
    return json::Document::parse(request(index).body).value();
  }
};

PatchNode cordon(const std::string& reason) {
  PatchNode patch{"w1", {}, reason, "because"};
  patch.patch.unschedulable = true;
  return patch;
}

api::AgentTask a_task() {
  api::AgentTask task;
  task.node = "w1";
  task.run = 4;
  task.cni_config_dir = "/etc/cni/net.d";
  return task;
}

}  // namespace

TEST_CASE("each action is one request") {
  WriteFelix set_field{{{"vxlanVNI", FelixValue(std::int64_t{1})}, {"vxlanEnabled", std::nullopt}},
                       false};
  WriteFelix create_felix = set_field;
  create_felix.create = true;
  api::DaemonSetPatch off;
  off.node_selector["a"] = "b";
  RemovePod evict{{"default", "p"}, "u1", "w1"};
  RemovePod remove{{"default", "p"}, "u1", "w1", 5, Removal::Delete};
  const std::string merge = "application/merge-patch+json";
  const std::string json = "application/json";
  const std::string calico = "/apis/crd.projectcalico.org/v1/";
  struct Row {
    Action action;
    std::string request;
    std::string type;
    std::string body;  // a part of it
  };
  const Row rows[] = {
      {cordon("Cordon"), "PATCH /api/v1/nodes/w1", merge, R"("spec":{"unschedulable":true}})"},
      {SetNetworkAvailable{
           "w1", {.reason = "FlannelIsUp", .message = "", .uid = "u", .resource_version = "7"}},
       "PATCH /api/v1/nodes/w1/status", "application/strategic-merge-patch+json",
       R"("conditions":[{"type":"NetworkUnavailable","status":"False","reason":"FlannelIsUp")"},
      {CreatePool{{"p", build::cidr("10.244.0.0/16")}}, "POST " + calico + "ippools", json,
       R"("cidr":"10.244.0.0/16")"},
      {DeletePool{"p"}, "DELETE " + calico + "ippools/p", json, ""},
      {RestorePool{"p", R"({"spec":{"novel":1}})"}, "POST " + calico + "ippools", json,
       R"({"spec":{"novel":1}})"},
      {set_field, "PATCH " + calico + "felixconfigurations/default", merge,
       R"({"spec":{"vxlanEnabled":null,"vxlanVNI":1}})"},
      {create_felix, "POST " + calico + "felixconfigurations", json, R"("spec":{"vxlanVNI":1}})"},
      {DeleteFelix{}, "DELETE " + calico + "felixconfigurations/default", json, ""},
      {WriteIpamConfig{true, false, false}, "PATCH " + calico + "ipamconfigs/default", merge,
       R"({"spec":{"strictAffinity":true,"autoAllocateBlocks":false}})"},
      {WriteIpamConfig{true, false, true}, "POST " + calico + "ipamconfigs", json,
       R"("kind":"IPAMConfig","metadata":{"name":"default"})"},
      {DeleteIpamConfig{}, "DELETE " + calico + "ipamconfigs/default", json, ""},
      {WriteVethMtu{{"kube-system", "calico-config"}, "1450"},
       "PATCH /api/v1/namespaces/kube-system/configmaps/calico-config", merge,
       R"({"data":{"veth_mtu":"1450"}})"},
      {PatchDaemonSet{{"kube-flannel", "ds"}, off},
       "PATCH /apis/apps/v1/namespaces/kube-flannel/daemonsets/ds", merge,
       R"("nodeSelector":{"a":"b"})"},
      {CreateDaemonSet{{"kube-flannel", "ds"}, R"({"kind":"DaemonSet"})"},
       "POST /apis/apps/v1/namespaces/kube-flannel/daemonsets", json, R"({"kind":"DaemonSet"})"},
      {DeleteDaemonSet{{"kube-flannel", "ds"}},
       "DELETE /apis/apps/v1/namespaces/kube-flannel/daemonsets/ds", json,
       R"("propagationPolicy":"Foreground")"},
      {RunAgent{a_task()}, "POST /api/v1/namespaces/ours/pods", json, R"("nodeName":"w1")"},
      {DeleteAgents{"w1"}, "DELETE /api/v1/namespaces/ours/pods", json, ""},
      {evict, "POST /api/v1/namespaces/default/pods/p/eviction", json, R"("uid":"u1")"},
      {remove, "DELETE /api/v1/namespaces/default/pods/p", json,
       R"("gracePeriodSeconds":5,"preconditions":{"uid":"u1"})"},
      {SaveConfigMap{build::a_config_map("ours", "m", {{"k", "v"}})},
       "POST /api/v1/namespaces/ours/configmaps", json, R"("data":{"k":"v"})"},
      {DeleteConfigMap{"m"}, "DELETE /api/v1/namespaces/ours/configmaps/m", json, ""},
      {SetFinalizer{"m", "7", {"a", "b"}},
       "PATCH /apis/cni-migration.io/v1alpha1/flannelmigrations/m", merge,
       R"({"metadata":{"resourceVersion":"7","finalizers":["a","b"]}})"},
  };
  for (const auto& row : rows) {
    CAPTURE(to_string(row.action));
    World world;
    CHECK(world.run(row.action));
    REQUIRE(world.transport.requests().size() == 1);
    CHECK(world.request().to_string() == row.request);
    CHECK(world.request().content_type == row.type);
    CHECK_THAT(world.request().body, Catch::Contains(row.body));
  }
}

TEST_CASE("an error of the server is the action's, and changes nothing") {
  const Action actions[] = {cordon("Cordon"),
                            CreatePool{{"p", build::cidr("10.244.0.0/16")}},
                            DeletePool{"p"},
                            DeleteDaemonSet{{"ns", "ds"}},
                            RunAgent{a_task()},
                            DeleteAgents{},
                            RemovePod{{"default", "p"}, "u1", "w1"},
                            SaveConfigMap{build::a_config_map("ours", "m", {})},
                            DeleteConfigMap{"m"},
                            SetFinalizer{"m", "7", {}},
                            DropApproval{"m", "why"}};
  for (const auto& action : actions) {
    CAPTURE(to_string(action));
    World world;
    world.answers = {kForbidden};
    const auto result = world.run(action);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Forbidden);
  }
}

TEST_CASE("what is gone already needs no deletion") {
  const Action actions[] = {DeletePool{"p"},          DeleteFelix{},
                            DeleteIpamConfig{},       DeleteDaemonSet{{"ns", "ds"}},
                            DeleteConfigMap{"m"},     SetFinalizer{"m", "7", {}},
                            DropApproval{"m", "why"}, RemovePod{{"default", "p"}, "u1", "w1"}};
  for (const auto& action : actions) {
    CAPTURE(to_string(action));
    World world;
    world.answers = {kNotFound};
    CHECK(world.run(action));
  }
}

TEST_CASE("no migration is begun for an object that is gone") {
  World world;
  world.answers = {kNotFound};
  const auto result = world.run(SetFinalizer{"m", "7", {std::string(api::kFinalizer)}});
  REQUIRE_FALSE(result);
  // Nobody has done anything wrong: what comes next is another plan, not an error.
  CHECK(result.error().kind == ErrorKind::Conflict);
}

TEST_CASE("what an action did is in the snapshot at once") {
  World world;
  world.answers = {{200, R"({"metadata":{"name":"w1","resourceVersion":"5"},)"
                         R"("spec":{"unschedulable":true}})"}};
  CHECK(world.run(cordon("Cordon")));
  CHECK(world.snapshot.state().nodes.at("w1").node.unschedulable);
  CHECK(world.run(CreatePool{{"p", build::cidr("10.244.0.0/16")}}));
  CHECK(world.snapshot.state().pools.contains("p"));
  CHECK(world.run(DeletePool{"p"}));
  CHECK(world.snapshot.state().pools.empty());
  CHECK(world.run(SaveConfigMap{build::a_config_map("ours", "m", {{"k", "v"}})}));
  CHECK(world.snapshot.state().config_maps.at({"ours", "m"}).data.at("k") == "v");
  CHECK(world.run(DeleteConfigMap{"m"}));
  CHECK(world.snapshot.state().config_maps.empty());
  CHECK(world.run(RunAgent{a_task()}));
  CHECK(world.snapshot.state().nodes.at("w1").agents.size() == 1);
}

TEST_CASE("an object that finalizers hold is not taken for gone") {
  World world;
  world.snapshot.apply(build::a_pool("p", "10.244.0.0/16"));
  world.answers = {{200, R"({"kind":"IPPool","metadata":{"name":"p","finalizers":["x"],)"
                         R"("deletionTimestamp":"2026-01-01T00:00:00Z"}})"}};
  CHECK(world.run(DeletePool{"p"}));
  CHECK(world.snapshot.state().pools.contains("p"));
}

TEST_CASE("only the object that was deleted is taken from the snapshot") {
  World world;
  auto pool = build::a_pool("p", "10.244.0.0/16");
  pool.meta.uid = "new";
  world.snapshot.apply(pool);
  world.answers = {{200, R"({"kind":"Status","status":"Success","details":{"uid":"old"}})"}};
  CHECK(world.run(DeletePool{"p"}));
  CHECK(world.snapshot.state().pools.contains("p"));
}

TEST_CASE("an agent pod that is there already is let run") {
  World world;
  world.answers = {kExists};
  CHECK(world.run(RunAgent{a_task()}));
  CHECK(world.transport.requests().size() == 1);
}

TEST_CASE("a saved ConfigMap is left as it is unless it has to be replaced") {
  World world;
  const auto map = build::a_config_map("ours", "m", {{"k", "v"}});
  world.answers = {kExists};
  CHECK(world.run(SaveConfigMap{map}));
  CHECK(world.transport.requests().size() == 1);
  CHECK(world.snapshot.state().config_maps.empty());
  world.answers = {kExists};
  CHECK(world.run(SaveConfigMap{map, true}));
  REQUIRE(world.transport.requests().size() == 3);
  CHECK(world.request(2).to_string() == "PATCH /api/v1/namespaces/ours/configmaps/m");
}

TEST_CASE("a pod whose name belongs to another one by now is gone") {
  World world;
  world.snapshot.apply(build::a_node("w1"));
  world.snapshot.set_pods("w1", std::map<std::string, api::Pod>{{"u1", build::a_pod("p", "w1")}});
  const std::string message =
      GENERATE(as<std::string>(),
               "the UID in the precondition (u1) does not match the UID in record (u2). The object "
               "might have been deleted and then recreated",
               "Precondition failed: UID in precondition: u1, UID in object meta: u2");
  world.answers = {
      {409, R"({"kind":"Status","reason":"Conflict","message":"pods: )" + message + R"("})"}};
  CHECK(world.run(RemovePod{{"default", "p"}, "u1", "w1"}));
  CHECK(world.snapshot.state().nodes.at("w1").pods->empty());
}

TEST_CASE("a pod is gone only when the API server says so") {
  const auto removal = GENERATE(Removal::Evict, Removal::Delete);
  const kube::Response answer =
      GENERATE(as<kube::Response>(), kConflict, kube::Response{404, "404 page not found"},
               kube::Response{404, "<html></html>"}, kube::Response{409, "proxy"},
               kube::Response{200, R"({"status":"ok"})"});
  CAPTURE(answer.status, answer.body);
  World world;
  world.transport.answer_verbatim();
  world.snapshot.apply(build::a_node("w1"));
  world.snapshot.set_pods("w1", std::map<std::string, api::Pod>{{"u1", build::a_pod("p", "w1")}});
  world.answers = {answer};
  RemovePod remove{{"default", "p"}, "u1", "w1"};
  remove.removal = removal;
  CHECK_FALSE(world.run(remove));
  CHECK(world.snapshot.state().nodes.at("w1").pods->size() == 1);
}

TEST_CASE("a deletion that somebody else than the API server answers changes nothing") {
  const kube::Response answer = GENERATE(kube::Response{404, "404 page not found"},
                                         kube::Response{200, R"({"status":"ok"})"});
  const Action actions[] = {DeletePool{"p"},          DeleteFelix{},
                            DeleteIpamConfig{},       DeleteDaemonSet{{"ns", "ds"}},
                            DeleteConfigMap{"m"},     SetFinalizer{"m", "7", {}},
                            DropApproval{"m", "why"}, DeleteAgents{"w1"},
                            DeleteBlock{"b", "7"}};
  for (const auto& action : actions) {
    CAPTURE(to_string(action), answer.status);
    World world;
    world.transport.answer_verbatim();
    world.snapshot.apply(build::a_pool("p", "10.244.0.0/16"));
    world.answers = {answer};
    const auto result = world.run(action);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Protocol);
    CHECK(world.snapshot.state().pools.contains("p"));
  }
}

TEST_CASE("an object of another kind in an answer is not taken into the snapshot") {
  World world;
  world.transport.answer_verbatim();
  world.answers = {{200, R"({"status":"ok"})"}};
  CHECK_FALSE(world.run(cordon("Cordon")));
  CHECK(world.snapshot.state().nodes.empty());
}

TEST_CASE("a removal that a budget refuses says so") {
  World world;
  world.answers = {{429, R"({"kind":"Status","reason":"TooManyRequests",)"
                         R"("details":{"causes":[{"reason":"DisruptionBudget"}]}})"}};
  const auto result = world.run(RemovePod{{"default", "p"}, "u1", "w1"});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Throttled);
  CHECK(result.error().cause == "DisruptionBudget");
}

TEST_CASE("agent pods are deleted by label, of one node or of all") {
  World world;
  CHECK(world.run(DeleteAgents{"w1"}));
  CHECK(world.run(DeleteAgents{}));
  CHECK_THAT(world.request(0).path, Catch::Contains("labelSelector=app.kubernetes.io%2Fcomponent"
                                                    "%3Dagent&fieldSelector=spec.nodeName%3Dw1"));
  CHECK_THAT(world.request(1).path, Catch::EndsWith("component%3Dagent&limit=500"));
}

TEST_CASE("a step that matters is told as an Event, which may fail") {
  World world;
  world.answers = {{200, "{}"}, kForbidden};
  CHECK(world.run(cordon("Failed")));
  REQUIRE(world.transport.requests().size() == 2);
  CHECK(world.request(1).to_string() == "POST /api/v1/namespaces/default/events");
  CHECK(world.body(1)["type"].string() == "Warning");
  CHECK(world.body(1)["reason"].string() == "Failed");
  CHECK(world.body(1)["involvedObject"]["uid"].string() == "w1");
  CHECK(world.run(cordon("Migrated")));
  CHECK(world.body(3)["type"].string() == "Normal");
}

TEST_CASE("an approval does not go without a word") {
  World world;
  world.answers = {{200, R"({"metadata":{"uid":"u7"}})"}};
  CHECK(world.run(DropApproval{"m", "the way back needs none"}));
  REQUIRE(world.transport.requests().size() == 2);
  CHECK(world.request(0).to_string() ==
        "PATCH /apis/cni-migration.io/v1alpha1/flannelmigrations/m");
  CHECK(world.request(0).body ==
        R"({"metadata":{"annotations":{"cni-migration.io/approve":null}}})");
  CHECK(world.request(0).content_type == "application/merge-patch+json");
  CHECK(world.body(1)["involvedObject"]["uid"].string() == "u7");
  CHECK(world.body(1)["reason"].string() == "ApprovalRemoved");
  CHECK(world.body(1)["message"].string() == "the way back needs none");
}

TEST_CASE("a patch that was refused is told nobody") {
  World world;
  world.answers = {kConflict};
  const auto result = world.run(cordon("Migrated"));
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Conflict);
  CHECK(world.transport.requests().size() == 1);
}
