// spec of a FlannelMigration (crds/flannelmigrations.yaml). The CRD has checked ranges and formats;
// reading checks again, since a CRD may be older than the program.
#pragma once

#include "api/meta.h"
#include "base/time.h"
#include "net/cidr.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace api {

enum class Target { Calico, Flannel };
enum class Mode { Plan, Run };
enum class Method { HandOver, Drain };
enum class Approval { Auto, Manual };
enum class DrainMode { Minimal, Full };
enum class OnTimeout { Pause, Skip, Force, Wait };
enum class UnmanagedPods { Evict, Keep };
enum class FlannelAtCompletion { Delete, Keep };
enum class WindowsNodes { Refuse, LeaveOnFlannel };

// A number of nodes, or a share of them.
struct IntOrPercent {
  int value = 1;
  bool percent = false;
  bool operator==(const IntOrPercent&) const = default;
  // At least 1. A percentage is rounded down, as a Deployment rounds its maxUnavailable.
  int of(int total) const;
  std::string to_string() const;
};

// Flannel's settings as the user gives them; an absent field is detected.
struct FlannelSpec {
  std::optional<ObjectKey> daemon_set;
  std::optional<net::Cidr> network;
  std::optional<net::Cidr> ipv6_network;
  std::optional<int> subnet_length;
  std::optional<int> ipv6_subnet_length;
  std::optional<int> mtu;
  std::optional<bool> ip_masq;
  std::optional<std::string> annotation_prefix;
  std::optional<int> vni;
  std::optional<int> port;
  bool operator==(const FlannelSpec&) const = default;
};

struct CalicoSpec {
  ObjectKey daemon_set{"kube-system", "calico-node"};
  std::string cni_config_dir = "/etc/cni/net.d";
  int block_size = 26;
  int ipv6_block_size = 122;
  bool operator==(const CalicoSpec&) const = default;
};

struct CanarySpec {
  int nodes = 0;
  base::Duration soak{0};
  Approval approval = Approval::Auto;
  bool operator==(const CanarySpec&) const = default;
};

struct RolloutSpec {
  Method method = Method::HandOver;
  IntOrPercent max_unavailable{1, false};
  CanarySpec canary;
  base::Duration soak{0};
  std::string topology_key;
  StringMap node_selector;
  int max_failures = 0;
  int retries = 3;
  base::Duration start_timeout{300'000};
  bool operator==(const RolloutSpec&) const = default;
};

struct DrainSpec {
  DrainMode mode = DrainMode::Minimal;
  base::Duration timeout{600'000};
  OnTimeout on_timeout = OnTimeout::Pause;
  std::int64_t grace_period_seconds = -1;
  UnmanagedPods unmanaged_pods = UnmanagedPods::Evict;
  bool operator==(const DrainSpec&) const = default;
};

struct VerifySpec {
  int peers = 3;
  base::Duration timeout{30'000};
  bool operator==(const VerifySpec&) const = default;
};

struct AgentSpec {
  std::string image;  // empty: the operator's --agent-image
  std::string image_pull_policy = "IfNotPresent";
  std::vector<std::string> image_pull_secrets;
  base::Duration timeout{120'000};
  bool operator==(const AgentSpec&) const = default;
};

struct MigrationSpec {
  Target target = Target::Calico;
  Mode mode = Mode::Run;
  bool paused = false;
  FlannelSpec flannel;
  CalicoSpec calico;
  RolloutSpec rollout;
  IntOrPercent refresh_max_pending{10, true};
  DrainSpec drain;
  VerifySpec verify;
  AgentSpec agent;
  FlannelAtCompletion completion = FlannelAtCompletion::Delete;
  WindowsNodes windows = WindowsNodes::Refuse;  // those that the migration would cut off
  bool operator==(const MigrationSpec&) const = default;
};

std::string_view to_string(Target target);
std::string_view to_string(Method method);

enum class UnknownFields {
  Ignore,  // what the API server has let through: an operator older than the CRD goes on
  Refuse,  // what a person has written
};

// Invalid names every field that cannot be read and the form it wants, separated by "; ", e.g.
// "spec.rollout.maxUnavailable: ...".
base::Result<MigrationSpec> parse_migration_spec(json::View spec,
                                                 UnknownFields unknown = UnknownFields::Ignore);

}  // namespace api
