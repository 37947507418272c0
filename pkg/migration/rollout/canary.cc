#include "migration/rollout/canary.h"

#include "api/names.h"
#include "migration/node/retries.h"
#include "migration/rollout/rollout_order.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

bool needs_approval(const Survey& survey) {
  return survey.spec.rollout.canary.approval == api::Approval::Manual;
}

std::string_view after_soak(const Survey& survey) {
  if (!needs_approval(survey)) return {};
  return is_approved(survey.migration) ? "; going on from there is approved"
                                       : ", then wait for an approval";
}

CanaryHold hold_for_approval(const Survey& survey) {
  if (!needs_approval(survey) || is_approved(survey.migration)) return {};
  return {.starts = Outcome::waiting(fmt::format(
              "canary nodes are done; to go on: kubectl annotate flannelmigration {} {}=true",
              survey.migration.meta.name, api::kApproveAnnotation)),
          .needs_approval = true};
}

// The time at which so many nodes have moved and soaked; nullopt while a node still has to move.
// The nodes that moved first were the canaries: the order may be another one by now.
std::optional<base::TimePoint> soaked(const Survey& survey,
                                      const std::vector<const NodeView*>& order, std::size_t count,
                                      Network goal) {
  std::vector<base::TimePoint> ends;
  for (const auto* node : order) {
    if (node->resting() && node->network == goal) {
      ends.push_back(node->journal ? node->journal->since + survey.spec.rollout.canary.soak
                                   : base::TimePoint{});
    } else if (used_up(survey, *node)) {
      ends.emplace_back();
    }
  }
  if (ends.size() < count) return std::nullopt;
  std::sort(ends.begin(), ends.end());
  return ends[count - 1];
}

}  // namespace

bool is_approved(const api::FlannelMigration& migration) {
  const auto* approval = migration.meta.annotation(api::kApproveAnnotation);
  return approval != nullptr && *approval == "true";
}

CanaryHold hold_for_canaries(PlanBuilder& builder, const std::vector<const NodeView*>& order,
                             Network goal) {
  const Survey& survey = builder.survey();
  const auto count = count_canaries(survey, order);
  if (count == 0) return {};
  const auto end = soaked(survey, order, count, goal);
  if (!end) return {.only = count};
  if (survey.now >= *end) return hold_for_approval(survey);
  builder.wake(*end);
  return {.starts = Outcome::waiting(fmt::format("canary nodes soak until {}{}",
                                                 base::to_rfc3339(*end), after_soak(survey)))};
}

}  // namespace migration
