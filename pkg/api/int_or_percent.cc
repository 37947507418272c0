#include "api/migration_spec.h"

#include <algorithm>

namespace api {

int IntOrPercent::of(int total) const {
  if (!percent) return std::max(1, value);
  const auto share = static_cast<std::int64_t>(total) * value / 100;
  return std::max(1, static_cast<int>(share));
}

std::string IntOrPercent::to_string() const { return std::to_string(value) + (percent ? "%" : ""); }

}  // namespace api
