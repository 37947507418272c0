#include "migration/facts/felix_values.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace migration {
namespace {

struct Setting {
  const char* variable;
  std::optional<std::int64_t> api::FelixConfiguration::*field;
  std::int64_t largest;
};

constexpr Setting kHealthPort = {"FELIX_HEALTHPORT", &api::FelixConfiguration::health_port,
                                 std::numeric_limits<std::uint16_t>::max()};
constexpr Setting kRouteProtocol = {"FELIX_DEVICEROUTEPROTOCOL",
                                    &api::FelixConfiguration::device_route_protocol,
                                    std::numeric_limits<std::uint8_t>::max()};

std::optional<int> valid(const Setting& setting, std::optional<std::int64_t> number) {
  if (!number || *number <= 0 || *number > setting.largest) return std::nullopt;
  return static_cast<int>(*number);
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(number) : std::nullopt;
}

std::optional<int> from_environment(const Survey& survey, const Setting& setting) {
  const auto* text = felix_variable(survey, setting.variable);
  return text != nullptr ? valid(setting, number_in(*text)) : std::nullopt;
}

std::optional<int> configured(const Survey& survey, std::string_view node, const Setting& setting) {
  const auto own = survey.cluster.node_felix.find("node." + std::string(node));
  if (own != survey.cluster.node_felix.end()) {
    if (const auto number = valid(setting, own->second.*setting.field)) return number;
  }
  const auto& all = survey.cluster.felix;
  return all ? valid(setting, (*all).*setting.field) : std::nullopt;
}

int value_of(const Survey& survey, std::string_view node, const Setting& setting, int otherwise) {
  if (const auto number = from_environment(survey, setting)) return *number;
  return configured(survey, node, setting).value_or(otherwise);
}

}  // namespace

const api::ContainerSpec* felix_container(const Survey& survey) {
  if (survey.calico_node == nullptr) return nullptr;
  const auto& all = survey.calico_node->containers;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [](const auto& one) { return one.name == "calico-node"; });
  return found == all.end() ? nullptr : &*found;
}

const std::string* felix_variable(const Survey& survey, std::string_view name) {
  const auto* container = felix_container(survey);
  if (container == nullptr) return nullptr;
  const auto found = container->env.find(std::string(name));
  return found == container->env.end() ? nullptr : &found->second;
}

FelixValues felix_values(const Survey& survey, std::string_view node) {
  FelixValues values;
  values.health_port = value_of(survey, node, kHealthPort, values.health_port);
  values.route_protocol = value_of(survey, node, kRouteProtocol, values.route_protocol);
  return values;
}

}  // namespace migration
