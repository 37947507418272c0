#include "api/node_affinity.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace api {
namespace {

constexpr std::string_view kNameField = "metadata.name";

std::vector<NodeRequirement> parse_requirements(json::View list) {
  std::vector<NodeRequirement> requirements;
  for (const auto& entry : list.items()) {
    requirements.push_back(
        {entry["key"].string(), entry["operator"].string(), entry["values"].strings()});
  }
  return requirements;
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

bool compares(const NodeRequirement& wanted, const std::string& found) {
  if (wanted.values.size() != 1) return false;
  const auto left = number(found);
  const auto right = number(wanted.values.front());
  if (!left || !right) return false;
  return wanted.op == "Gt" ? *left > *right : *left < *right;
}

// `value` is nullptr when the node has no such label.
bool satisfies(const NodeRequirement& wanted, const std::string* found) {
  const auto is_named = [&wanted, found] {
    return found != nullptr &&
           std::find(wanted.values.begin(), wanted.values.end(), *found) != wanted.values.end();
  };
  if (wanted.op == "In") return is_named();
  if (wanted.op == "NotIn") return !is_named();
  if (wanted.op == "Exists") return found != nullptr;
  if (wanted.op == "DoesNotExist") return found == nullptr;
  return (wanted.op == "Gt" || wanted.op == "Lt") && found != nullptr && compares(wanted, *found);
}

// The API server takes nothing else.
bool satisfies_field(const NodeRequirement& wanted, const Node& node) {
  const bool known = wanted.key == kNameField && (wanted.op == "In" || wanted.op == "NotIn");
  return known && satisfies(wanted, &node.meta.name);
}

bool satisfies(const NodeSelectorTerm& term, const Node& node) {
  if (term.labels.empty() && term.fields.empty()) return false;
  return std::all_of(
             term.labels.begin(), term.labels.end(),
             [&](const auto& wanted) { return satisfies(wanted, node.meta.label(wanted.key)); }) &&
         std::all_of(term.fields.begin(), term.fields.end(),
                     [&](const auto& wanted) { return satisfies_field(wanted, node); });
}

}  // namespace

NodeSelectorTerms parse_node_selector_terms(json::View terms) {
  NodeSelectorTerms parsed;
  for (const auto& term : terms.items()) {
    parsed.push_back(
        {parse_requirements(term["matchExpressions"]), parse_requirements(term["matchFields"])});
  }
  return parsed;
}

bool selects(const NodeSelectorTerms& terms, const Node& node) {
  return std::any_of(terms.begin(), terms.end(),
                     [&](const auto& term) { return satisfies(term, node); });
}

}  // namespace api
