#include "controller/write/agent_pod.h"

#include "fakes/build/objects.h"
#include "json/value.h"

#include <catch2/catch.hpp>

#include <set>

using namespace controller;

namespace {

api::AgentTask a_task(const std::string& node = "w1", std::uint64_t run = 7) {
  api::AgentTask task;
  task.operation = api::AgentOperation::HandOver;
  task.node = node;
  task.run = run;
  task.pod_cidrs = {build::cidr("10.244.1.0/24"), build::cidr("fd00:1::/64")};
  task.cni_config_dir = "/etc/cni/net.d";
  task.timeout_seconds = 90;
  return task;
}

json::Document rendered(const api::AgentTask& task, const api::AgentSpec& spec = {}) {
  return json::Document::parse(render_agent_pod(task, {"ours", "registry/agent:1", spec})).value();
}

}  // namespace

TEST_CASE("the name of an agent pod is the same for the same task only") {
  const auto name = agent_pod_name(a_task());
  CHECK(name == agent_pod_name(a_task()));
  CHECK(name != agent_pod_name(a_task("w2")));
  CHECK(name != agent_pod_name(a_task("w1", 8)));
  auto back = a_task();
  back.operation = api::AgentOperation::HandBack;
  CHECK(name != agent_pod_name(back));
  CHECK_THAT(name, Catch::StartsWith("fm-handover-") && Catch::EndsWith("-7"));
}

TEST_CASE("the name of an agent pod is a valid one for every node") {
  for (const auto& node :
       {std::string("w1"), std::string(253, 'n'), std::string("a.b.example.org")}) {
    for (const auto operation : {api::AgentOperation::Preflight, api::AgentOperation::Finalize}) {
      auto task = a_task(node, 18446744073709551615ULL);
      task.operation = operation;
      const auto name = agent_pod_name(task);
      CAPTURE(name);
      CHECK(name.size() <= 63);
      CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
    }
  }
}

TEST_CASE("an agent pod has the rights that it needs and no others") {
  const auto pod = rendered(a_task());
  const auto spec = pod["spec"];
  const auto context = spec["containers"].at(0)["securityContext"];
  CHECK(context["privileged"].maybe_boolean() == false);
  CHECK(context["allowPrivilegeEscalation"].maybe_boolean() == false);
  CHECK(context["readOnlyRootFilesystem"].boolean());
  CHECK(context["capabilities"]["drop"].strings() == std::vector<std::string>{"ALL"});
  CHECK(context["capabilities"]["add"].strings() ==
        std::vector<std::string>{"NET_ADMIN", "NET_RAW", "DAC_OVERRIDE"});
  CHECK(context["seccompProfile"]["type"].string() == "RuntimeDefault");
  CHECK(context["seLinuxOptions"]["type"].string() == "spc_t");
  CHECK(spec["automountServiceAccountToken"].maybe_boolean() == false);
  CHECK(spec["hostNetwork"].boolean());
  CHECK_FALSE(spec["hostPID"].exists());
  CHECK_FALSE(spec["hostIPC"].exists());
}

TEST_CASE("an agent pod runs once, on its node, and ends in time") {
  const auto pod = rendered(a_task());
  const auto spec = pod["spec"];
  CHECK(pod["metadata"]["namespace"].string() == "ours");
  CHECK(spec["nodeName"].string() == "w1");
  CHECK(spec["restartPolicy"].string() == "Never");
  // The work may take 90 s, and the pod the two minutes of agent.timeout.
  CHECK(spec["activeDeadlineSeconds"].integer() == 120);
  CHECK(spec["priorityClassName"].string() == "system-node-critical");
  CHECK(spec["tolerations"].at(0)["operator"].string() == "Exists");
  CHECK_FALSE(spec["tolerations"].at(0)["key"].exists());
}

TEST_CASE("an agent pod says what it is for") {
  const auto pod = rendered(a_task());
  const auto labels = pod["metadata"]["labels"].string_map();
  CHECK(labels.at("app.kubernetes.io/component") == "agent");
  CHECK(labels.at("cni-migration.io/operation") == "handover");
  CHECK(labels.at("cni-migration.io/run") == "7");
  CHECK(pod["metadata"]["annotations"]["cni-migration.io/pod-cidr"].string() ==
        "10.244.1.0/24,fd00:1::/64");
  const auto container = pod["spec"]["containers"].at(0);
  CHECK(container["args"].strings() == a_task().arguments());
  CHECK(container["args"].at(0).string() == "handover");
  CHECK(container["command"].strings() ==
        std::vector<std::string>{"/usr/bin/flannel-migration-agent"});
}

TEST_CASE("every mount of an agent pod has its volume") {
  auto task = a_task();
  task.cni_config_dir = "/etc/rke/cni";
  const auto pod = rendered(task);
  std::set<std::string> volumes;
  for (const auto& volume : pod["spec"]["volumes"].items()) {
    volumes.insert(volume["name"].string());
    CHECK(volume["hostPath"]["path"].string() != "/");
  }
  std::set<std::string> mounts;
  bool cni = false;
  for (const auto& mount : pod["spec"]["containers"].at(0)["volumeMounts"].items()) {
    mounts.insert(mount["name"].string());
    cni = cni || mount["mountPath"].string() == "/etc/rke/cni";
  }
  CHECK(volumes == mounts);
  CHECK(cni);
}

TEST_CASE("the migration's spec decides about the image before the operator's options") {
  const auto plain = rendered(a_task());
  CHECK(plain["spec"]["containers"].at(0)["image"].string() == "registry/agent:1");
  CHECK_FALSE(plain["spec"]["imagePullSecrets"].exists());
  api::AgentSpec spec;
  spec.image = "mirror/agent:2";
  spec.image_pull_policy = "Always";
  spec.image_pull_secrets = {"a", "b"};
  const auto pod = rendered(a_task(), spec);
  CHECK(pod["spec"]["containers"].at(0)["image"].string() == "mirror/agent:2");
  CHECK(pod["spec"]["containers"].at(0)["imagePullPolicy"].string() == "Always");
  CHECK(pod["spec"]["imagePullSecrets"].dump() == R"([{"name":"a"},{"name":"b"}])");
}
