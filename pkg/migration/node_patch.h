// The one patch of a node that every step is: labels, cordon and journal together. It is refused
// when anything of the node changed meanwhile: what was decided on an old view, by this process or
// by one that lost its lease, must never undo a later step.
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
  std::string reason;   // Event reason
  std::string message;  // Event message
};

PatchNode render_change(const NodeView& node, const NodeChange& change);

}  // namespace migration
