#include "flannel/json_fields.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace flannel {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

json::View find_folded(json::View object, std::string_view key) {
  json::View found;
  for (const auto& [name, value] : object.members()) {
    if (lower(name) == lower(key)) found = value;
  }
  return found;
}

JsonFields::JsonFields(json::View object, std::string path, std::optional<base::Error>& error)
    : object_(object), path_(std::move(path)), error_(error) {
  if (object_.exists() && !object_.is_object() && !error_) {
    error_ = base::Error{base::ErrorKind::Invalid, path_ + ": must be an object"};
  }
}

std::string JsonFields::path_to(std::string_view key) const {
  return fmt::format("{}.{}", path_, key);
}

JsonFields JsonFields::child(std::string_view key) const {
  return {find_folded(object_, key), path_to(key), error_};
}

void JsonFields::refuse(std::string_view key, std::string_view wanted) const {
  if (error_) return;
  const auto written = base::excerpt(find_folded(object_, key).dump());
  error_ = base::Error{base::ErrorKind::Invalid,
                       fmt::format("{}: {}, not {}", path_to(key), wanted, written)};
}

std::optional<bool> JsonFields::boolean(std::string_view key) const {
  const auto value = find_folded(object_, key);
  if (value.exists() && !value.is_bool()) refuse(key, "must be true or false");
  return value.maybe_boolean();
}

std::optional<int> JsonFields::integer(std::string_view key, int least, int most) const {
  const auto value = find_folded(object_, key);
  if (!value.exists()) return std::nullopt;
  const auto number = value.maybe_integer();
  if (number && *number >= least && *number <= most) return static_cast<int>(*number);
  refuse(key, fmt::format("must be an integer from {} to {}", least, most));
  return std::nullopt;
}

std::optional<std::string> JsonFields::text(std::string_view key) const {
  const auto value = find_folded(object_, key);
  if (value.exists() && !value.is_string()) refuse(key, "must be a string");
  if (value.string_view().empty()) return std::nullopt;
  return value.string();
}

std::optional<net::Cidr> JsonFields::cidr(std::string_view key, net::Family family) const {
  const auto written = text(key);
  if (!written) return std::nullopt;
  const auto cidr = net::Cidr::parse(*written);
  if (cidr && cidr->family() == family) return *cidr;
  refuse(key, family == net::Family::V4 ? "must be an IPv4 network" : "must be an IPv6 network");
  return std::nullopt;
}

}  // namespace flannel
