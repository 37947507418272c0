#include "agent/app.h"

#include "agent/facts.h"
#include "agent/host_executor.h"
#include "agent/host_reader.h"
#include "agent/prober.h"
#include "base/log.h"
#include "hostnet/planner.h"
#include "hostnet/tunnel.h"
#include "netlink/monitor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace agent {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int kQuickRounds = 10;  // of changes; more than any operation needs by itself
constexpr int kMaxErrors = 5;
constexpr base::Duration kLook{100};  // between two looks at what causes no event, e.g. a socket
constexpr base::Duration kSlow{500};  // between two rounds while another program undoes the changes
// flanneld >= 0.27.4 recreates a deleted device at once. The node has no tunnel until the agent
// ends, so a device that comes back later than this is left to Verify.
constexpr base::Duration kSettleCut{200};
// A pod that was being started when the CNI configuration changed becomes visible within this.
constexpr base::Duration kSettleHand{500};

// The time for which the host has to stay in the wanted state.
base::Duration settle_time(api::AgentOperation operation) {
  switch (operation) {
    case api::AgentOperation::HandOver:
    case api::AgentOperation::HandBack:
      return kSettleHand;
    case api::AgentOperation::CutOver:
    case api::AgentOperation::CutBack:
      return kSettleCut;
    default:
      return {};
  }
}

class Run {
 public:
  Run(const Options& options, const base::Clock& clock)
      : options_(options), clock_(clock), files_(options.root), begin_(clock.steady_now()) {
    // The report has to be out before the kubelet ends the pod at its deadline.
    deadline_ = begin_ + std::chrono::milliseconds(options.task.timeout_seconds * 800L);
    report_.operation = options.task.operation;
    report_.node = options.task.node;
    report_.run = options.task.run;
    if (options.task.mtu > 0) report_.asked_mtu = options.task.mtu;
  }

  api::AgentReport run() {
    auto interfaces = open_kernel(files_);
    auto monitor = netlink::Monitor::open();
    if (!interfaces) return failed(interfaces.error().message);
    if (!monitor) return failed(monitor.error().message);
    HostReader reader(options_, files_, *interfaces);
    HostExecutor executor(options_, files_, *interfaces);
    while (!ended_) turn(reader, executor, *monitor);
    return std::move(report_);
  }

 private:
  void turn(HostReader& reader, HostExecutor& executor, netlink::Monitor& monitor) {
    auto state = reader.read();
    if (!state) return stumble(state.error(), monitor);
    const auto plan = hostnet::plan_host(*state, options_.task);
    if (plan.refusal) return refuse(*state, *plan.refusal);
    if (!plan.waiting.empty()) return wait(plan.waiting, monitor);
    if (plan.actions.empty()) return arrive(*state, plan, monitor);
    const auto done = executor.run(plan.actions);
    changes_ += plan.actions.size();
    settled_.reset();
    if (!done) return stumble(done.error(), monitor);
    if (++rounds_ > kQuickRounds) slow_down(describe(plan.actions.front()), monitor);
  }

  // Tries again after an error, as the host may have changed while it was read or changed.
  void stumble(const base::Error& error, netlink::Monitor& monitor) {
    const bool busy = error.kind == base::ErrorKind::Conflict;
    if ((!busy && ++errors_ >= kMaxErrors) || clock_.steady_now() >= deadline_)
      return end(api::AgentResult::Failed, error.message);
    monitor.wait(kLook);
  }

  // Waits before the next round: a living flanneld, which may be about to end, is not raced.
  void slow_down(const std::string& action, netlink::Monitor& monitor) {
    if (clock_.steady_now() >= deadline_)
      return end(api::AgentResult::Failed, "somebody undoes it again and again: " + action);
    const auto until = clock_.steady_now() + kSlow;
    for (auto now = clock_.steady_now(); now < until; now = clock_.steady_now())
      monitor.wait(std::chrono::duration_cast<base::Duration>(until - now) + base::Duration(1));
  }

  void wait(const std::string& what, netlink::Monitor& monitor) {
    if (clock_.steady_now() >= deadline_) return end(api::AgentResult::Failed, what);
    if (what != waited_for_) base::log_info("waiting", {{"for", what}});
    waited_for_ = what;
    monitor.wait(kLook);
  }

  // Reports the device's MTU, too: it may be the reason, and then it becomes the cluster's.
  void refuse(const hostnet::HostState& state, const hostnet::Refusal& refusal) {
    report_.reason = refusal.reason;
    if (options_.task.operation == api::AgentOperation::HandOver)
      report_.tunnel_mtu = hostnet::tunnel_mtu(state, options_.task);
    // A refusal means that nothing was changed: after a change it is a failure.
    end(changes_ == 0 ? api::AgentResult::Refused : api::AgentResult::Failed, refusal.message);
  }

  void arrive(const hostnet::HostState& state, const hostnet::HostPlan& plan,
              netlink::Monitor& monitor) {
    if (!has_settled(monitor)) return;
    report_.message = fmt::format("{} changes in {} ms", changes_, elapsed());
    switch (options_.task.operation) {
      case api::AgentOperation::Preflight:
        return tell_facts(state, plan);
      case api::AgentOperation::HandOver:
        report_.live_addresses = hostnet::live_addresses(state, options_.task);
        return end(api::AgentResult::Succeeded, report_.message);
      case api::AgentOperation::Verify:
      case api::AgentOperation::Probe:
        return probe_peers(state);
      default:
        return end(api::AgentResult::Succeeded, report_.message);
    }
  }

  // The agent looks at the host again after every change that the kernel reports.
  bool has_settled(netlink::Monitor& monitor) {
    if (!settled_)
      settled_ =
          clock_.steady_now() + options_.settle.value_or(settle_time(options_.task.operation));
    const auto left = std::chrono::duration_cast<base::Duration>(*settled_ - clock_.steady_now());
    if (left.count() <= 0) return true;
    monitor.wait(left);
    return false;
  }

  void tell_facts(const hostnet::HostState& state, const hostnet::HostPlan& plan) {
    report_.subnet_env = subnet_env_of(state);
    report_.tunnel_mtu = hostnet::tunnel_mtu(state, options_.task);
    auto sentences = plan.notes;
    sentences.insert(sentences.end(), plan.facts.begin(), plan.facts.end());
    end(api::AgentResult::Succeeded, fmt::format("{}", fmt::join(sentences, "; ")));
  }

  void probe_peers(const hostnet::HostState& state) {
    const auto targets = targets_of(state, options_.task);
    const auto results = probe(targets, clock_, deadline_);
    if (!results) return end(api::AgentResult::Failed, results.error().message);
    std::string silent;
    std::string text;
    for (const auto& result : *results)
      (result.reached() ? text : silent) += result.to_string() + "; ";
    const auto verdict = silent.empty() ? api::AgentResult::Succeeded : api::AgentResult::Failed;
    if (!silent.empty()) report_.reason = api::kReasonPeersSilent;
    end(verdict, (silent.empty() ? "" : "peers that do not answer: " + silent) + text +
                     fmt::format("{} peers in {} ms", results->size(), elapsed()));
  }

  long elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - begin_)
        .count();
  }

  api::AgentReport failed(std::string message) {
    end(api::AgentResult::Failed, std::move(message));
    return std::move(report_);
  }

  void end(api::AgentResult result, std::string message) {
    ended_ = true;
    report_.result = result;
    report_.message = std::move(message);
  }

  const Options& options_;
  const base::Clock& clock_;
  const HostFiles files_;
  const SteadyTime begin_;
  SteadyTime deadline_;
  std::optional<SteadyTime> settled_;
  api::AgentReport report_;
  bool ended_ = false;
  int rounds_ = 0;
  int errors_ = 0;
  std::size_t changes_ = 0;
  std::string waited_for_;
};

}  // namespace

Outcome run_task(const Options& options, const base::Clock& clock) {
  auto report = Run(options, clock).run();
  auto text = api::render_agent_report(report, options.task.pod_cidrs);
  // The text says Failed if the observations do not fit into it.
  if (auto sent = api::parse_agent_report(text)) report = std::move(*sent);
  return {std::move(report), std::move(text)};
}

}  // namespace agent
