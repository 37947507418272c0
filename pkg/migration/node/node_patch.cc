#include "migration/node/node_patch.h"

#include "api/names.h"
#include "base/utf8.h"
#include "migration/node/retries.h"

#include <fmt/format.h>

namespace migration {

PatchNode render_change(const NodeView& node, const NodeChange& change) {
  api::NodePatch patch;
  patch.uid = node.node().meta.uid;
  patch.resource_version = node.node().meta.resource_version;
  if (change.label) {
    patch.labels[std::string(api::kNetworkLabel)] = std::string(label_value(*change.label));
  }
  if (change.in_progress == InProgress::Set)
    patch.labels[std::string(api::kInProgressLabel)] = "true";
  if (change.in_progress == InProgress::Clear)
    patch.labels[std::string(api::kInProgressLabel)] = std::nullopt;
  Journal journal = change.journal;
  if (asked_again(node)) {
    patch.annotations[std::string(api::kRetryAnnotation)] = std::nullopt;
    journal.attempt = 0;
  }
  patch.annotations[std::string(api::kStateAnnotation)] = render(journal);
  patch.unschedulable = change.unschedulable;
  return {node.name, std::move(patch), change.reason, change.message};
}

std::string lost_message(const NodeView& node) {
  return fmt::format("annotation {} cannot be true ({}): the node is taken as it is found",
                     api::kStateAnnotation, base::excerpt(node.journal_error));
}

std::optional<PatchNode> mend_journal(const NodeView& node) {
  if (node.journal_error.empty()) return std::nullopt;
  if (node.journal) {
    return render_change(
        node, {*node.journal,
               {},
               {},
               InProgress::Keep,
               std::string(kJournalCorrected),
               fmt::format("annotation {}: {}", api::kStateAnnotation, node.journal_error)});
  }
  api::NodePatch patch;
  patch.uid = node.node().meta.uid;
  patch.resource_version = node.node().meta.resource_version;
  patch.annotations[std::string(api::kStateAnnotation)] = std::nullopt;
  return PatchNode{node.name, std::move(patch), std::string(kJournalLost), lost_message(node)};
}

}  // namespace migration
