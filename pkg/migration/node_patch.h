// The one patch of a node that every step is: labels, cordon and journal together.
#pragma once

#include "api/node.h"
#include "migration/action.h"
#include "migration/survey.h"

#include <optional>
#include <string>

namespace migration {

enum class InProgress { Keep, Set, Clear };

struct NodeChange {
  Journal journal;
  std::optional<Network> label;
  std::optional<bool> unschedulable;
  InProgress in_progress = InProgress::Keep;
  // Refuse when anything of the node changed meanwhile: for decisions that rest on
  // spec.unschedulable.
  bool only_unchanged = false;
  std::string reason;   // Event reason
  std::string message;  // Event message
};

PatchNode render_change(const NodeView& node, const NodeChange& change);

}  // namespace migration
