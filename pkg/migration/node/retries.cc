#include "migration/node/retries.h"

#include "api/names.h"

namespace migration {
namespace {

bool no_attempt_left(const Survey& survey, const NodeView& node) {
  return node.journal->attempt > survey.spec.rollout.retries && !asked_again(node);
}

}  // namespace

bool asked_again(const NodeView& node) {
  return node.node().meta.annotation(api::kRetryAnnotation) != nullptr;
}

bool used_up(const Survey& survey, const NodeView& node) {
  return node.failed() && no_attempt_left(survey, node);
}

bool gives_up(const Survey& survey, const NodeView& node, Network goal) {
  return node.in_flight() && node.journal && node.journal->rolling_back &&
         node.journal->towards != goal && no_attempt_left(survey, node);
}

}  // namespace migration
