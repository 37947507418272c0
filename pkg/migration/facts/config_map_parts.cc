#include "migration/facts/config_map_parts.h"

#include "base/digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace migration {
namespace {

// The first line of a value that is stored elsewhere. It is not JSON: a program that does not know
// parts cannot take the value for an empty one.
constexpr std::string_view kInParts = "in parts\n";
constexpr std::string_view kText = "text";  // the key in each part

struct Part {
  std::string name;
  std::string digest;
};

std::string digest_of(std::string_view text) {
  return base::hex(base::digest(base::Hash::Sha256, text));
}

// The beginning of the text, at most that long, not cut within a UTF-8 sequence.
std::string_view beginning(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  const auto is_inside = [&](std::size_t at) { return (text[at] & 0xC0) == 0x80; };
  while (size > 1 && is_inside(size)) --size;
  return text.substr(0, size);
}

api::ConfigMap make_part(const api::ConfigMap& of, int number, std::string_view text) {
  api::ConfigMap part;
  part.meta.name = part_name(of.meta.name, number);
  part.meta.ns = of.meta.ns;
  part.meta.labels = of.meta.labels;
  part.data[std::string(kText)] = std::string(text);
  return part;
}

// Moves the value into parts, and returns the text that replaces it.
std::string move_out(const api::ConfigMap& map, std::string_view value, std::size_t part_size,
                     std::vector<api::ConfigMap>& parts) {
  std::string list(kInParts);
  while (!value.empty()) {
    const auto text = beginning(value, part_size);
    value.remove_prefix(text.size());
    parts.push_back(make_part(map, static_cast<int>(parts.size()) + 1, text));
    list += fmt::format("{} {}\n", parts.back().meta.name, digest_of(text));
  }
  return list;
}

std::vector<Part> parts_of(std::string_view value) {
  std::vector<Part> parts;
  if (!value.starts_with(kInParts)) return parts;
  value.remove_prefix(kInParts.size());
  while (!value.empty()) {
    const auto line = value.substr(0, value.find('\n'));
    value.remove_prefix(std::min(line.size() + 1, value.size()));
    const auto name = line.substr(0, line.find(' '));
    parts.push_back(
        {std::string(name), std::string(line.substr(std::min(name.size() + 1, line.size())))});
  }
  return parts;
}

bool may_be_part(const api::ConfigMap& map, const std::string& name) {
  for (int number = 1; number <= kMostParts; ++number) {
    if (name == part_name(map.meta.name, number)) return true;
  }
  return false;
}

base::Failure unreadable(const api::ConfigMap& map, const std::string& key, std::string_view why) {
  return base::Failure(base::Error{
      base::ErrorKind::Invalid, fmt::format("ConfigMap {} key {}: {}", map.meta.name, key, why)});
}

base::Result<std::string> join_value(const api::ConfigMap& map, const std::string& key,
                                     const ConfigMaps& all) {
  const auto parts = parts_of(map.data.at(key));
  if (parts.empty()) return unreadable(map, key, "it names no part");
  std::string whole;
  for (const auto& part : parts) {
    const auto found = all.find({map.meta.ns, part.name});
    if (found == all.end())
      return unreadable(map, key, fmt::format("its part, ConfigMap {}, is not there", part.name));
    const auto text = found->second.data.find(std::string(kText));
    if (text == found->second.data.end() || digest_of(text->second) != part.digest)
      return unreadable(map, key, fmt::format("its part, ConfigMap {}, was altered", part.name));
    whole += text->second;
  }
  return whole;
}

}  // namespace

std::string part_name(std::string_view map_name, int number) {
  return fmt::format("{}-part-{}", map_name, number);
}

std::vector<api::ConfigMap> split(api::ConfigMap map, std::size_t part_size) {
  std::vector<api::ConfigMap> maps;
  for (auto& [key, value] : map.data) {
    if (value.size() > part_size / 2) value = move_out(map, value, part_size, maps);
  }
  maps.push_back(std::move(map));
  return maps;
}

std::vector<std::string> part_names(const api::ConfigMap& map) {
  std::vector<std::string> names;
  for (const auto& [key, value] : map.data) {
    for (auto& part : parts_of(value)) {
      if (may_be_part(map, part.name)) names.push_back(std::move(part.name));
    }
  }
  return names;
}

base::Result<api::ConfigMap> join(api::ConfigMap map, const ConfigMaps& all) {
  for (auto& [key, value] : map.data) {
    if (!value.starts_with(kInParts)) continue;
    auto whole = join_value(map, key, all);
    if (!whole) return base::Failure(whole.error());
    value = std::move(*whole);
  }
  return map;
}

}  // namespace migration
