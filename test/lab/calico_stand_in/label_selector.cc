#include "calico_stand_in/label_selector.h"

#include <algorithm>

namespace stand_in {
namespace {

bool is_met(json::View expression, json::View labels) {
  const auto value = labels[expression["key"].string()];
  const auto values = expression["values"].strings();
  const bool listed =
      value.exists() && std::find(values.begin(), values.end(), value.string()) != values.end();
  const auto verb = expression["operator"].string();
  if (verb == "In") return listed;
  if (verb == "NotIn") return !listed;
  return value.exists() == (verb == "Exists");
}

}  // namespace

bool selects(json::View selector, json::View labels) {
  for (const auto& [key, value] : selector["matchLabels"].members())
    if (!labels[key].exists() || labels[key].string() != value.string()) return false;
  const auto expressions = selector["matchExpressions"].items();
  return std::all_of(expressions.begin(), expressions.end(),
                     [&](json::View expression) { return is_met(expression, labels); });
}

}  // namespace stand_in
