#include "migration/node_patch.h"

#include "api/names.h"
#include "migration/attempts.h"

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

}  // namespace migration
