#include "controller/yaml_json.h"

#include "json/writer.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace controller {
namespace {

void write(json::Writer& w, const YAML::Node& node);

// 12, -12, 0o14, 0x0c; nullopt for anything else, and for what 64 bits cannot hold.
std::optional<std::int64_t> parse_integer(std::string_view text) {
  int base = 10;
  if (text.starts_with("0o") || text.starts_with("0x")) {
    base = text[1] == 'o' ? 8 : 16;
    text.remove_prefix(2);
    if (text.starts_with('-')) return std::nullopt;
  } else if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return number;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

void write_scalar(json::Writer& w, const YAML::Node& node) {
  const std::string& text = node.Scalar();
  const bool is_text = node.Tag() == "!" || node.Tag().ends_with(":str");  // quoted, or tagged so
  if (const auto number = is_text ? std::nullopt : parse_integer(text)) {
    w.integer(*number);
  } else if (const auto flag = is_text ? std::nullopt : parse_boolean(text)) {
    w.boolean(*flag);
  } else {
    w.string(text);
  }
}

void write_map(json::Writer& w, const YAML::Node& node) {
  std::set<std::string> keys;
  w.object();
  for (const auto& member : node) {
    if (!member.first.IsScalar())
      throw YAML::Exception(member.first.Mark(), "a key has to be a plain text");
    const auto& key = member.first.Scalar();
    if (!keys.insert(key).second)
      throw YAML::Exception(member.first.Mark(), fmt::format("{} is there twice", key));
    w.key(key);
    write(w, member.second);
  }
  w.end();
}

void write(json::Writer& w, const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return write_map(w, node);
    case YAML::NodeType::Sequence:
      w.array();
      for (const auto& element : node) write(w, element);
      w.end();
      return;
    case YAML::NodeType::Scalar:
      return write_scalar(w, node);
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined:
      w.null();
  }
}

// An empty document, as behind a last "---", is none.
YAML::Node only_document(std::string_view text) {
  auto all = YAML::LoadAll(std::string(text));
  std::erase_if(all, [](const auto& document) { return document.IsNull(); });
  if (all.size() > 1)
    throw YAML::Exception(all[1].Mark(), "a second document: give each a file of its own");
  return all.empty() ? YAML::Node() : all.front();
}

}  // namespace

base::Result<json::Document> yaml_to_json(std::string_view text) {
  try {
    json::Writer w;
    write(w, only_document(text));
    return json::Document::parse(w.text());
  } catch (const YAML::Exception& error) {
    return base::fail(base::ErrorKind::Invalid,
                      fmt::format("line {}, column {}: {}", error.mark.line + 1,
                                  error.mark.column + 1, error.msg));
  }
}

}  // namespace controller
