// The one patch of a node that every step is: labels, cordon and journal together. The patch is
// refused if anything of the node changed meanwhile: a decision on an old view, by this process or
// by one that lost its lease, must never undo a later step.
#pragma once

#include "api/node.h"
#include "migration/facts/survey.h"
#include "migration/model/action.h"

#include <optional>
#include <string>
#include <string_view>

namespace migration {

enum class InProgress { Keep, Set, Clear };

struct NodeChange {
  Journal journal;
  std::optional<Network> label = {};
  std::optional<bool> unschedulable = {};
  InProgress in_progress = InProgress::Keep;
  std::string reason = {};   // Event reason
  std::string message = {};  // Event message
};

PatchNode render_change(const NodeView& node, const NodeChange& change);

// Event reasons of a journal that was not believed (journal_check.h).
inline constexpr std::string_view kJournalLost = "JournalLost";
inline constexpr std::string_view kJournalCorrected = "JournalCorrected";
// Says for people what was lost and why.
std::string lost_message(const NodeView& node);
// Writes down the part of the node's journal that is believed, or deletes a lost journal; nullopt
// if all of it is believed. A node in flight whose journal is lost gets a new one by its next step.
std::optional<PatchNode> mend_journal(const NodeView& node);

}  // namespace migration
