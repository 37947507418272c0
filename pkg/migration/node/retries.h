// Limits how often a node is moved again after its move has failed (spec.rollout.retries).
#pragma once

#include "migration/facts/survey.h"

namespace migration {

// True if the node is annotated to be tried again, however often it has failed.
bool asked_again(const NodeView& node);
// True if the node rests after its last attempt: only the annotation starts another one.
bool used_up(const Survey& survey, const NodeView& node);
// True if the node's last attempt towards `goal` has failed, and it is on its way back. Until it
// rests there may take long, as its pods may have to be replaced first.
bool gives_up(const Survey& survey, const NodeView& node, Network goal);

}  // namespace migration
