// status of a FlannelMigration: a projection for people. Deleting it loses nothing.
#pragma once

#include "api/meta.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace api {

enum class Phase {
  Pending,
  Preflight,
  Planned,
  PreparingIPAM,
  Migrating,
  Finalizing,
  Completed,
  Paused,
  Blocked,
  Reverting,
  Reverted,
};

std::string_view to_string(Phase phase);
std::optional<Phase> parse_phase(std::string_view text);

enum class ConditionStatus { True, False, Unknown };

// Reason of condition Progressing, and of an Event, while the canaries are done and the other nodes
// wait for a person's approval.
inline constexpr std::string_view kApprovalNeeded = "ApprovalNeeded";

// metav1.Condition
struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::Unknown;
  std::string reason;
  std::string message;
  std::int64_t observed_generation = 0;
  base::TimePoint last_transition{};
  bool operator==(const Condition&) const = default;
};

enum class Severity { Block, Warn, Info };
std::string_view to_string(Severity severity);

// A result of the preflight checks.
struct Finding {
  std::string id;  // PascalCase, stable: tests and documentation refer to it
  Severity severity = Severity::Info;
  std::string observed;
  std::string wanted;
  std::string fix;
  bool operator==(const Finding&) const = default;
};

// A flannel or Calico setting, and where it was found.
struct DetectedValue {
  std::string name;
  std::string value;
  std::string source;
  bool operator==(const DetectedValue&) const = default;
};

struct NodeProgress {
  std::string name;
  std::string step;
  std::optional<base::TimePoint> since;
  int attempt = 0;
  std::string message;
  bool operator==(const NodeProgress&) const = default;
};

struct NodeCounts {
  int total = 0;
  int flannel = 0;
  int migrating = 0;   // between Cordon and Uncordon
  int refreshing = 0;  // schedulable again, old pods or leftovers still there
  int calico = 0;
  int failed = 0;
  int skipped = 0;
  bool operator==(const NodeCounts&) const = default;
};

struct PlanSummary {
  int nodes = 0;
  int waves = 0;
  std::vector<std::string> order;  // the first 50
  std::string full_plan;           // name of the ConfigMap with all of them
  bool operator==(const PlanSummary&) const = default;
};

struct Revertible {
  bool possible = true;
  std::string message;
  bool operator==(const Revertible&) const = default;
};

// Lists of nodes in a status have no more entries than this.
inline constexpr std::size_t kNodesListed = 50;

struct MigrationStatus {
  // Returns the condition of this type; nullptr when there is none.
  const Condition* condition(std::string_view type) const;

  std::int64_t observed_generation = 0;
  Phase phase = Phase::Pending;
  std::string message;
  std::optional<base::TimePoint> start_time;
  std::optional<base::TimePoint> completion_time;
  std::optional<base::TimePoint> estimated_completion_time;
  std::string eta;
  std::string progress;
  std::vector<Condition> conditions;
  std::vector<DetectedValue> detected;
  std::vector<Finding> preflight;
  PlanSummary plan;
  NodeCounts nodes;
  std::vector<NodeProgress> active;
  std::vector<NodeProgress> failed;
  Revertible revertible;
  bool operator==(const MigrationStatus&) const = default;
};

MigrationStatus parse_migration_status(json::View status);
// The value of the member "status".
std::string render(const MigrationStatus& status);

}  // namespace api
