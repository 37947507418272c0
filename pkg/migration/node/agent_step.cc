#include "migration/node/agent_step.h"

#include "api/names.h"
#include "flannel/cni_network.h"
#include "migration/facts/felix_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

// The kubelet ends an agent pod at its deadline; what is silent for longer will not answer.
constexpr base::Duration kGrace{30'000};

AgentOutcome failed(const api::Pod& pod, std::string message, std::string reason = {}) {
  return {AgentOutcome::State::Failed, {}, std::move(message), std::move(reason), &pod};
}

// The agent gives up after four fifths of the time that it is given, so that it can still report.
base::Duration verify_timeout(const Survey& survey) { return survey.spec.verify.timeout * 5 / 4; }

// The pod's own deadline counts: the object may have said something else when the pod was created.
base::Duration time_of(const Survey& survey, const api::Pod& pod) {
  return pod.active_deadline.value_or(survey.spec.agent.timeout);
}

base::TimePoint deadline_of(const Survey& survey, const api::Pod& pod) {
  return pod.meta.created.value_or(survey.now) + time_of(survey, pod) + kGrace;
}

AgentOutcome waiting(std::string message, const api::Pod* pod = nullptr) {
  return {AgentOutcome::State::Waiting, {}, std::move(message), {}, pod};
}

// Waits for other agents: two at work on one host would undo each other's changes. An agent of an
// earlier step, whose move was turned round meanwhile, has to end first. After its deadline its pod
// is deleted; that it has ended only the kubelet can say.
const api::Pod* end_others(PlanBuilder& builder, const NodeView& node) {
  const auto& agents = node.state->agents;
  const auto found = std::find_if(agents.begin(), agents.end(),
                                  [](const auto& entry) { return !entry.second.finished(); });
  if (found == agents.end()) return nullptr;
  const api::Pod& pod = found->second;
  const auto deadline = deadline_of(builder.survey(), pod);
  if (builder.survey().now < deadline) {
    builder.wake(deadline);
  } else if (!pod.meta.deleting) {
    builder.add(node_key(node.name), DeleteAgents{node.name});
  }
  return &pod;
}

AgentOutcome judge_running(PlanBuilder& builder, const NodeView& node, const api::Pod& pod) {
  const Survey& survey = builder.survey();
  std::string message = fmt::format("agent pod {}{}", pod.meta.name,
                                    pod.waiting_reason.empty() ? " is running" : pod.why_waiting());
  const auto deadline = deadline_of(survey, pod);
  // A node that is down cannot answer; its time does not run.
  if (node.node().ready && survey.now >= deadline) {
    return failed(pod, fmt::format("{}, and did not answer within {}", message,
                                   base::to_string(time_of(survey, pod))));
  }
  if (node.node().ready) builder.wake(deadline);
  return waiting(std::move(message), &pod);
}

AgentOutcome judge_finished(const api::AgentTask& task, const api::Pod& pod) {
  auto report = api::parse_agent_report(pod.termination_message);
  if (!report) {
    return failed(pod,
                  fmt::format("agent pod {} ended with exit code {} and no readable report: {}",
                              pod.meta.name, pod.exit_code.value_or(-1), report.error().message));
  }
  if (report->operation != task.operation || report->node != task.node || report->run != task.run) {
    return failed(pod, fmt::format("agent pod {} reports about another task", pod.meta.name));
  }
  if (report->result != api::AgentResult::Succeeded) {
    auto outcome = failed(pod, report->message, report->reason);
    outcome.outdated = report->asked_mtu.value_or(task.mtu) != task.mtu;
    return outcome;
  }
  return {.state = AgentOutcome::State::Succeeded, .report = std::move(*report), .pod = &pod};
}

bool can_answer(const NodeView& peer) {
  return peer.node().ready && peer.resting() && !peer.node().pod_cidrs.empty();
}

}  // namespace

const api::Pod* find_run(const NodeView& node, api::AgentOperation operation, std::uint64_t run) {
  const std::string number = fmt::format("{}", run);
  for (const auto& [name, pod] : node.state->agents) {
    const auto* op = pod.meta.label(api::kOperationLabel);
    const auto* count = pod.meta.label(api::kRunLabel);
    if (op != nullptr && *op == api::to_string(operation) && count != nullptr && *count == number)
      return &pod;
  }
  return nullptr;
}

AgentOutcome run_agent(PlanBuilder& builder, const NodeView& node, api::AgentTask task,
                       Start start) {
  const api::Pod* pod = find_run(node, task.operation, task.run);
  if (pod == nullptr) {
    if (const auto* other = end_others(builder, node))
      return waiting(fmt::format("waiting for {}agent pod {} to end",
                                 other->meta.deleting ? "deleted " : "", other->meta.name));
    auto message = fmt::format("starting the agent: {}", api::to_string(task.operation));
    if (start == Start::Allowed) builder.add(node_key(node.name), RunAgent{std::move(task)});
    return waiting(std::move(message));
  }
  if (!pod->finished()) return judge_running(builder, node, *pod);
  return judge_finished(task, *pod);
}

bool agents_are_left(const NodeView& node) {
  const auto& agents = node.state->agents;
  return std::any_of(agents.begin(), agents.end(),
                     [](const auto& entry) { return !entry.second.meta.deleting; });
}

bool agents_are_left(const Survey& survey) {
  return std::any_of(survey.nodes.begin(), survey.nodes.end(),
                     [](const auto& node) { return agents_are_left(node); });
}

api::AgentTask agent_task(const Survey& survey, const NodeView& node, api::AgentOperation operation,
                          std::uint64_t run) {
  api::AgentTask task;
  task.operation = operation;
  task.node = node.name;
  task.run = run;
  task.pod_cidrs = node.node().pod_cidrs;
  task.vni = survey.settings.vni;
  task.port = survey.settings.port;
  task.mtu = survey.settings.mtu.value_or(0);
  const auto felix = felix_values(survey, node.name);
  task.felix_health_port = felix.health_port;
  task.route_protocol = felix.route_protocol;
  task.cni_config_dir = survey.spec.calico.cni_config_dir;
  // The task names what HandBack cannot find on the node after the end of a migration, when
  // flannel's files are gone.
  task.lease_network = survey.lease_network;
  if (survey.flannel_config != nullptr)
    task.lease_folder = flannel::cni_lease_folder(survey.flannel_config->data);
  task.block_size = survey.spec.calico.block_size;
  task.ipv6_block_size = survey.spec.calico.ipv6_block_size;
  task.container_runtime = node.node().container_runtime;
  const bool verify = operation == api::AgentOperation::Verify;
  const auto timeout = verify ? verify_timeout(survey) : survey.spec.agent.timeout;
  task.timeout_seconds =
      static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(timeout).count());
  const auto& meta = node.node().meta;
  const auto text = [&meta](std::string_view key) {
    const auto* value = meta.annotation(key);
    return value == nullptr ? std::string() : *value;
  };
  const auto address = [](const std::string& value) { return value.substr(0, value.find('/')); };
  task.vtep_mac = text(api::kCalicoVxlanMac);
  task.vtep_mac_v6 = text(api::kCalicoVxlanMacV6);
  task.public_ip = address(text(api::kCalicoIpv4Address));
  task.public_ip_v6 = address(text(api::kCalicoIpv6Address));
  return task;
}

std::vector<api::AgentPeer> choose_peers(const Survey& survey, const NodeView& node) {
  std::vector<api::AgentPeer> peers;
  int on_flannel = 0;
  int on_calico = 0;
  std::size_t begin = 0;
  while (begin < survey.nodes.size() && survey.nodes[begin].name <= node.name) ++begin;
  for (std::size_t i = 0; i < survey.nodes.size(); ++i) {
    const NodeView& peer = survey.nodes[(begin + i) % survey.nodes.size()];
    if (peer.name == node.name || !can_answer(peer)) continue;
    int& count = peer.network == Network::Calico ? on_calico : on_flannel;
    if (count >= survey.spec.verify.peers) continue;
    ++count;
    for (const auto& cidr : peer.node().pod_cidrs) peers.push_back({peer.name, cidr.address()});
  }
  return peers;
}

}  // namespace migration
