#include "migration/node/drain_policy.h"

#include "api/names.h"
#include "base/plural.h"

#include <fmt/format.h>

#include <array>

namespace migration {
namespace {

struct Question {
  const Survey& survey;
  const api::Pod& pod;
  Purpose purpose;
};

using Filter = std::optional<PodVerdict> (*)(const Question&);

bool of_daemon_set(const api::Pod& pod) {
  const auto* owner = pod.meta.controller();
  return owner != nullptr && owner->kind == "DaemonSet";
}

std::optional<PodVerdict> finished(const Question& q) {
  if (q.pod.finished()) return PodVerdict{Verdict::Ignore, {}};
  return std::nullopt;
}

// The operator never evicts itself, nor its agents.
std::optional<PodVerdict> ours(const Question& q) {
  const auto* name = q.pod.meta.label(api::kNameLabel);
  const bool own =
      q.pod.meta.ns == q.survey.cluster.self.ns && name != nullptr && *name == api::kProduct;
  if (own) return PodVerdict{Verdict::Ignore, {}};
  return std::nullopt;
}

std::optional<PodVerdict> host_network(const Question& q) {
  if (!q.pod.host_network) return std::nullopt;
  const bool full =
      q.survey.spec.drain.mode == api::DrainMode::Full && q.purpose != Purpose::Leftovers;
  if (!full || of_daemon_set(q.pod) || q.pod.mirror) return PodVerdict{Verdict::Ignore, {}};
  return std::nullopt;
}

std::optional<PodVerdict> comes_back(const Question& q) {
  if (q.purpose == Purpose::Drain && of_daemon_set(q.pod)) return PodVerdict{Verdict::Ignore, {}};
  return std::nullopt;
}

std::optional<PodVerdict> leaving(const Question& q) {
  if (q.pod.meta.deleting) return PodVerdict{Verdict::Gone, {}};
  return std::nullopt;
}

// The API server cannot restart a static pod; the pod goes on working on the old bridge until a
// person restarts it.
std::optional<PodVerdict> mirror(const Question& q) {
  if (!q.pod.mirror) return std::nullopt;
  if (q.purpose == Purpose::Drain) return PodVerdict{Verdict::Ignore, {}};
  return PodVerdict{Verdict::Stuck,
                    "is a static pod: restart it on the node (move its manifest away and back)"};
}

std::optional<PodVerdict> unmanaged(const Question& q) {
  const bool keep = q.survey.spec.drain.unmanaged_pods == api::UnmanagedPods::Keep;
  if (!keep || q.pod.meta.controller() != nullptr || q.purpose == Purpose::Leftovers)
    return std::nullopt;
  return PodVerdict{
      Verdict::Stuck,
      "has no controller and spec.drain.unmanagedPods is Keep: delete it when it may go"};
}

// A pod with a fixed address would be recreated with the same address, again and again.
std::optional<PodVerdict> fixed_address(const Question& q) {
  if (q.purpose != Purpose::Gather) return std::nullopt;
  for (const auto key : {api::kCalicoFixedIps, api::kCalicoFixedIpsNoIpam}) {
    if (q.pod.meta.annotation(key) == nullptr) continue;
    return PodVerdict{Verdict::Stuck,
                      fmt::format("asks Calico for an address that flannel has no way to: take the "
                                  "annotation {} away and replace it",
                                  key)};
  }
  return std::nullopt;
}

constexpr std::array<Filter, 8> kFilters = {finished,   ours,   leaving,   host_network,
                                            comes_back, mirror, unmanaged, fixed_address};

// API servers ask to wait for a minute at most, or are not believed. A much longer wait was counted
// from a clock that has been set back since.
constexpr std::chrono::minutes kLongestWait{2};

bool is_too_early(const RemovalAttempt& tried, base::TimePoint now) {
  return now < tried.not_before && tried.not_before <= now + kLongestWait;
}

Removal removal_for(const Survey& survey, Purpose purpose, bool timed_out) {
  if (purpose == Purpose::Leftovers) return Removal::Delete;
  if (timed_out && survey.spec.drain.on_timeout == api::OnTimeout::Force) return Removal::Delete;
  return Removal::Evict;
}

class Evacuator {
 public:
  Evacuator(PlanBuilder& builder, const NodeView& node, Purpose purpose, base::TimePoint since)
      : builder_(builder), survey_(builder.survey()), node_(node), purpose_(purpose) {
    const auto deadline = since + survey_.spec.drain.timeout;
    result_.timed_out = survey_.now >= deadline;
    deadline_ = deadline;
  }

  void consider(const api::Pod& pod) {
    const PodVerdict verdict = judge(survey_, pod, purpose_);
    if (verdict.verdict == Verdict::Ignore) return;
    ++result_.remaining;
    if (verdict.verdict == Verdict::Remove) remove(pod);
    if (verdict.verdict == Verdict::Stuck) ++result_.stuck, say(pod, verdict.why);
    if (verdict.verdict == Verdict::Gone && waiting_.empty())
      waiting_ = "is ending", waiting_for_ = &pod;
  }

  Evacuation finish() {
    if (result_.remaining > 0 && !result_.timed_out) builder_.wake(deadline_);
    if (result_.message.empty() && result_.remaining > 0) {
      result_.message =
          fmt::format("{} still to be replaced", base::counted(result_.remaining, "pod"));
      if (waiting_for_ != nullptr) {
        result_.message +=
            fmt::format("; {} {}", api::key_of(waiting_for_->meta).to_string(), waiting_);
      }
    }
    return result_;
  }

 private:
  void remove(const api::Pod& pod) {
    const auto tried = survey_.cluster.removals.find(pod.meta.uid);
    if (tried != survey_.cluster.removals.end()) {
      if (!tried->second.message.empty()) say(pod, tried->second.message);
      if (is_too_early(tried->second, survey_.now)) return builder_.wake(tried->second.not_before);
    }
    builder_.add(pod_key(pod.meta.uid),
                 RemovePod{api::key_of(pod.meta), pod.meta.uid, node_.name,
                           survey_.spec.drain.grace_period_seconds,
                           removal_for(survey_, purpose_, result_.timed_out)});
  }

  void say(const api::Pod& pod, const std::string& why) {
    if (!result_.message.empty()) return;
    result_.message = fmt::format("pod {} {}", api::key_of(pod.meta).to_string(), why);
  }

  PlanBuilder& builder_;
  const Survey& survey_;
  const NodeView& node_;
  Purpose purpose_;
  base::TimePoint deadline_;
  Evacuation result_;
  std::string waiting_;
  const api::Pod* waiting_for_ = nullptr;
};

}  // namespace

PodVerdict judge(const Survey& survey, const api::Pod& pod, Purpose purpose) {
  const Question question{survey, pod, purpose};
  for (const Filter filter : kFilters) {
    if (auto verdict = filter(question)) return *verdict;
  }
  return {Verdict::Remove, {}};
}

Evacuation evacuate(PlanBuilder& builder, const NodeView& node, Purpose purpose,
                    base::TimePoint since, const std::function<bool(const api::Pod&)>& concerned) {
  Evacuator evacuator(builder, node, purpose, since);
  for (const auto& [uid, pod] : *node.state->pods) {
    if (concerned(pod)) evacuator.consider(pod);
  }
  return evacuator.finish();
}

}  // namespace migration
