#include "api/field_reader.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <regex>

namespace api {
namespace {

constexpr std::size_t kLongestLabelKey = 317;
constexpr std::size_t kLongestLabelValue = 63;

// "10%" or "3"; nullopt when it is neither, or outside of 1 to 100 percent.
std::optional<IntOrPercent> parse_int_or_percent(std::string_view text) {
  IntOrPercent parsed;
  parsed.percent = !text.empty() && text.back() == '%';
  if (parsed.percent) text.remove_suffix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed.value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (parsed.value < 1 || (parsed.percent && parsed.value > 100)) return std::nullopt;
  return parsed;
}

std::optional<IntOrPercent> read_int_or_percent(json::View value) {
  const auto text = value.string_view();
  // Kubernetes takes the text "3" for a name and not for a number, and the CRD refuses it.
  if (value.is_string() && (!text.ends_with('%') || text.starts_with('0'))) return std::nullopt;
  if (value.is_string()) return parse_int_or_percent(text);
  const auto number = value.maybe_integer();
  if (!number) return std::nullopt;
  return parse_int_or_percent(std::to_string(*number));
}

bool is_label_key(const std::string& text) {
  static const std::regex pattern(
      "([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
  return text.size() <= kLongestLabelKey && std::regex_match(text, pattern);
}

bool is_label_value(const std::string& text) {
  static const std::regex pattern("([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?");
  return text.size() <= kLongestLabelValue && std::regex_match(text, pattern);
}

std::string name_of(json::View element) {
  return element.is_string() ? element.string() : element["name"].string();
}

}  // namespace

FieldReader::FieldReader(json::View object, std::string path, FieldErrors& errors)
    : object_(object), path_(std::move(path)), errors_(errors) {
  if (object_.exists() && !object_.is_object())
    errors_.refused.push_back(path_ + ": must be an object");
}

FieldReader::~FieldReader() {
  for (const auto& [name, value] : object_.members()) {
    if (!asked_.contains(name)) errors_.unknown.push_back(fmt::format("{}.{}", path_, name));
  }
}

json::View FieldReader::member(std::string_view name) const {
  asked_.emplace(name);
  return object_[name];
}

FieldReader FieldReader::child(std::string_view name) const {
  return {member(name), fmt::format("{}.{}", path_, name), errors_};
}

void FieldReader::refuse(std::string_view name, std::string_view wanted) const {
  const auto written = base::excerpt(object_[name].dump());
  errors_.refused.push_back(fmt::format("{}.{}: {}, not {}", path_, name, wanted, written));
}

std::optional<std::string> FieldReader::text(std::string_view name) const {
  const auto value = member(name);
  if (value.exists() && !value.is_string()) refuse(name, "must be a string");
  if (value.string_view().empty()) return std::nullopt;
  return value.string();
}

std::optional<int> FieldReader::integer(std::string_view name, int least, int most) const {
  const auto value = member(name);
  if (!value.exists()) return std::nullopt;
  const auto number = value.maybe_integer();
  if (number && *number >= least && *number <= most) return static_cast<int>(*number);
  refuse(name, fmt::format("must be an integer from {} to {}", least, most));
  return std::nullopt;
}

std::optional<bool> FieldReader::boolean(std::string_view name) const {
  const auto value = member(name);
  if (value.exists() && !value.is_bool()) refuse(name, "must be true or false");
  return value.maybe_boolean();
}

std::optional<base::Duration> FieldReader::duration(std::string_view name,
                                                    DurationRange range) const {
  const auto written = text(name);
  if (!written) return std::nullopt;
  const auto duration = base::parse_duration(*written);
  if (duration && *duration >= range.least && *duration <= range.most) return *duration;
  refuse(name, fmt::format("must be a duration from {} to {}, for example 90s",
                           base::to_string(range.least), base::to_string(range.most)));
  return std::nullopt;
}

std::optional<net::Cidr> FieldReader::cidr(std::string_view name, net::Family family) const {
  const auto written = text(name);
  if (!written) return std::nullopt;
  const auto cidr = net::Cidr::parse(*written);
  if (cidr && cidr->family() == family && net::Cidr::is_masked(*written)) return *cidr;
  refuse(name, family == net::Family::V4
                   ? "must be an IPv4 network without host bits, such as 10.244.0.0/16"
                   : "must be an IPv6 network without host bits, such as fd00:10:244::/56");
  return std::nullopt;
}

std::optional<IntOrPercent> FieldReader::int_or_percent(std::string_view name) const {
  const auto value = member(name);
  if (!value.exists()) return std::nullopt;
  const auto parsed = read_int_or_percent(value);
  if (!parsed) refuse(name, "must be a number from 1, or a percentage from 1% to 100%");
  return parsed;
}

std::optional<StringMap> FieldReader::string_map(std::string_view name) const {
  const auto value = member(name);
  if (!value.exists()) return std::nullopt;
  auto map = value.string_map();
  if (value.is_object() && map.size() == value.size()) return map;
  refuse(name, "must be an object of strings");
  return std::nullopt;
}

std::optional<std::string> FieldReader::label_key(std::string_view name) const {
  auto key = text(name);
  if (!key || is_label_key(*key)) return key;
  refuse(name, "must be a node label key, for example topology.kubernetes.io/zone");
  return std::nullopt;
}

std::optional<StringMap> FieldReader::labels(std::string_view name) const {
  auto map = string_map(name);
  if (!map) return map;
  const bool good = std::all_of(map->begin(), map->end(), [](const auto& label) {
    return is_label_key(label.first) && is_label_value(label.second);
  });
  if (good) return map;
  refuse(name, "must map node label keys to label values, for example pool: blue");
  return std::nullopt;
}

std::optional<std::vector<std::string>> FieldReader::names(std::string_view name) const {
  const auto list = member(name);
  if (!list.exists()) return std::nullopt;
  if (!list.is_array()) refuse(name, "must be a list");
  std::vector<std::string> names;
  for (const auto& element : list.items()) {
    names.push_back(name_of(element));
    if (names.back().empty()) refuse(name, "must be a list of objects with a name");
  }
  return names;
}

}  // namespace api
