#include "api/read_values.h"

#include <limits>

namespace api {
namespace {

template <typename T>
std::optional<T> value_if(base::Result<T> result) {
  if (!result) return std::nullopt;
  return *std::move(result);
}

}  // namespace

std::optional<base::TimePoint> read_time(json::View value) {
  if (!value.is_string()) return std::nullopt;
  return value_if(base::parse_rfc3339(value.string_view()));
}

std::optional<net::IpAddress> read_address(json::View value) {
  if (!value.is_string()) return std::nullopt;
  return value_if(net::IpAddress::parse(value.string_view()));
}

std::optional<net::Cidr> read_cidr(json::View value) {
  if (!value.is_string()) return std::nullopt;
  return value_if(net::Cidr::parse(value.string_view()));
}

int read_int(json::View value) {
  const auto number = value.integer();
  const bool fits =
      number >= std::numeric_limits<int>::min() && number <= std::numeric_limits<int>::max();
  return fits ? static_cast<int>(number) : 0;
}

bool condition_is_true(json::View conditions, std::string_view type) {
  for (const auto& condition : conditions.items()) {
    if (condition["type"].string_view() == type) return condition["status"].string_view() == "True";
  }
  return false;
}

}  // namespace api
