#include "api/migration_spec.h"

#include "api/field_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace api {
namespace {

using namespace std::chrono_literals;

constexpr Words<Target, 2> kTargets = {{{Target::Calico, "Calico"}, {Target::Flannel, "Flannel"}}};
constexpr Words<Mode, 2> kModes = {{{Mode::Plan, "Plan"}, {Mode::Run, "Run"}}};
constexpr Words<Method, 2> kMethods = {{{Method::HandOver, "HandOver"}, {Method::Drain, "Drain"}}};
constexpr Words<Approval, 2> kApprovals = {
    {{Approval::Auto, "Auto"}, {Approval::Manual, "Manual"}}};
constexpr Words<DrainMode, 2> kDrainModes = {
    {{DrainMode::Minimal, "Minimal"}, {DrainMode::Full, "Full"}}};
constexpr Words<OnTimeout, 4> kOnTimeouts = {{{OnTimeout::Pause, "Pause"},
                                              {OnTimeout::Skip, "Skip"},
                                              {OnTimeout::Force, "Force"},
                                              {OnTimeout::Wait, "Wait"}}};
constexpr Words<UnmanagedPods, 2> kUnmanagedPods = {
    {{UnmanagedPods::Evict, "Evict"}, {UnmanagedPods::Keep, "Keep"}}};
constexpr Words<FlannelAtCompletion, 2> kCompletions = {
    {{FlannelAtCompletion::Delete, "Delete"}, {FlannelAtCompletion::Keep, "Keep"}}};
constexpr Words<WindowsNodes, 2> kWindows = {
    {{WindowsNodes::Refuse, "Refuse"}, {WindowsNodes::LeaveOnFlannel, "LeaveOnFlannel"}}};
enum class PullPolicy { Always, IfNotPresent, Never };
constexpr Words<PullPolicy, 3> kPullPolicies = {{{PullPolicy::Always, "Always"},
                                                 {PullPolicy::IfNotPresent, "IfNotPresent"},
                                                 {PullPolicy::Never, "Never"}}};

// The ranges of crds/flannelmigrations.yaml.
constexpr DurationRange kSoak{0ms, 168h};
constexpr DurationRange kUpToAnHour{1ms, 1h};
constexpr DurationRange kUpToADay{1ms, 24h};
constexpr DurationRange kUpToAWeek{1ms, 168h};

std::optional<ObjectKey> read_flannel_daemon_set(const FieldReader& in) {
  const ObjectKey key{in.text("namespace").value_or(""), in.text("name").value_or("")};
  if (key.ns.empty() && key.name.empty()) return std::nullopt;
  if (key.ns.empty()) in.refuse("namespace", "must be given together with the name");
  if (key.name.empty()) in.refuse("name", "must be given together with the namespace");
  return key;
}

FlannelSpec read_flannel(const FieldReader& in) {
  FlannelSpec spec;
  spec.daemon_set = read_flannel_daemon_set(in.child("daemonSet"));
  spec.network = in.cidr("network", net::Family::V4);
  spec.ipv6_network = in.cidr("ipv6Network", net::Family::V6);
  spec.subnet_length = in.integer("subnetLength", 8, 30);
  spec.ipv6_subnet_length = in.integer("ipv6SubnetLength", 16, 126);
  spec.mtu = in.integer("mtu", 576, 65535);
  spec.ip_masq = in.boolean("ipMasq");
  spec.annotation_prefix = in.text("annotationPrefix");
  spec.vni = in.integer("vni", 1, 16777215);
  spec.port = in.integer("port", 1, 65535);
  return spec;
}

CalicoSpec read_calico(const FieldReader& in) {
  CalicoSpec spec;
  const auto daemon_set = in.child("daemonSet");
  assign(spec.daemon_set.ns, daemon_set.text("namespace"));
  assign(spec.daemon_set.name, daemon_set.text("name"));
  assign(spec.cni_config_dir, in.text("cniConfigDir"));
  if (spec.cni_config_dir.front() != '/' || spec.cni_config_dir.find("/..") != std::string::npos) {
    in.refuse("cniConfigDir", "must be an absolute path without '..'");
  }
  assign(spec.block_size, in.integer("blockSize", 20, 32));
  assign(spec.ipv6_block_size, in.integer("ipv6BlockSize", 116, 128));
  return spec;
}

CanarySpec read_canary(const FieldReader& in) {
  CanarySpec spec;
  assign(spec.nodes, in.integer("nodes", 0, 1000));
  assign(spec.soak, in.duration("soak", kSoak));
  assign(spec.approval, in.word("approval", kApprovals));
  if (spec.approval == Approval::Manual && spec.nodes < 1)
    in.refuse("nodes", "must be at least 1 when approval is Manual");
  return spec;
}

RolloutSpec read_rollout(const FieldReader& in) {
  RolloutSpec spec;
  assign(spec.method, in.word("method", kMethods));
  assign(spec.max_unavailable, in.int_or_percent("maxUnavailable"));
  spec.canary = read_canary(in.child("canary"));
  assign(spec.soak, in.duration("soak", kSoak));
  assign(spec.topology_key, in.label_key("topologyKey"));
  assign(spec.node_selector, in.labels("nodeSelector"));
  assign(spec.max_failures, in.integer("maxFailures", 0, 5000));
  assign(spec.retries, in.integer("retries", 0, 100));
  assign(spec.start_timeout, in.duration("startTimeout", kUpToADay));
  return spec;
}

DrainSpec read_drain(const FieldReader& in) {
  DrainSpec spec;
  assign(spec.mode, in.word("mode", kDrainModes));
  assign(spec.timeout, in.duration("timeout", kUpToAWeek));
  assign(spec.on_timeout, in.word("onTimeout", kOnTimeouts));
  spec.grace_period_seconds = in.integer("gracePeriodSeconds", -1, 86400).value_or(-1);
  assign(spec.unmanaged_pods, in.word("unmanagedPods", kUnmanagedPods));
  return spec;
}

VerifySpec read_verify(const FieldReader& in) {
  VerifySpec spec;
  assign(spec.peers, in.integer("peers", 0, 50));
  assign(spec.timeout, in.duration("timeout", kUpToAnHour));
  return spec;
}

AgentSpec read_agent(const FieldReader& in) {
  AgentSpec spec;
  assign(spec.image, in.text("image"));
  if (const auto policy = in.word("imagePullPolicy", kPullPolicies)) {
    spec.image_pull_policy = word_of(kPullPolicies, *policy);
  }
  assign(spec.image_pull_secrets, in.names("imagePullSecrets"));
  assign(spec.timeout, in.duration("timeout", kUpToADay));
  return spec;
}

MigrationSpec read_spec(const FieldReader& in) {
  MigrationSpec parsed;
  assign(parsed.target, in.word("target", kTargets));
  assign(parsed.mode, in.word("mode", kModes));
  assign(parsed.paused, in.boolean("paused"));
  parsed.flannel = read_flannel(in.child("flannel"));
  parsed.calico = read_calico(in.child("calico"));
  parsed.rollout = read_rollout(in.child("rollout"));
  assign(parsed.refresh_max_pending, in.child("refresh").int_or_percent("maxPending"));
  parsed.drain = read_drain(in.child("drain"));
  parsed.verify = read_verify(in.child("verify"));
  parsed.agent = read_agent(in.child("agent"));
  assign(parsed.windows, in.word("windows", kWindows));
  assign(parsed.completion, in.child("completion").word("flannel", kCompletions));
  return parsed;
}

}  // namespace

std::string_view to_string(Target target) { return word_of(kTargets, target); }

std::string_view to_string(Method method) { return word_of(kMethods, method); }

base::Result<MigrationSpec> parse_migration_spec(json::View spec, UnknownFields unknown) {
  FieldErrors errors;
  MigrationSpec parsed = read_spec({spec, "spec", errors});
  if (unknown == UnknownFields::Refuse) {
    for (const auto& field : errors.unknown) errors.refused.push_back(field + ": unknown field");
  }
  if (errors.refused.empty()) return parsed;
  return base::fail(base::ErrorKind::Invalid, fmt::format("{}", fmt::join(errors.refused, "; ")));
}

}  // namespace api
