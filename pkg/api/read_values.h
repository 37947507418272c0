// Single values inside API objects, read leniently: what is absent or cannot be read is nullopt (or
// zero).
#pragma once

#include "base/time.h"
#include "json/value.h"
#include "net/cidr.h"

#include <optional>
#include <string_view>
#include <vector>

namespace api {

std::optional<base::TimePoint> read_time(json::View value);
std::optional<net::IpAddress> read_address(json::View value);
std::optional<net::Cidr> read_cidr(json::View value);
// 0 when absent or outside of int.
int read_int(json::View value);
// Whether a list of {type, status} says "True" for `type`.
bool condition_is_true(json::View conditions, std::string_view type);

}  // namespace api
