#include "flannel/cni_network.h"

#include <optional>
#include <string_view>
#include <utility>

namespace flannel {
namespace {

// Canal's install-cni puts a number there; until then the text is no JSON.
constexpr std::string_view kMtuPlace = "__CNI_MTU__";

std::string with_a_number(std::string text) {
  for (auto at = text.find(kMtuPlace); at != std::string::npos; at = text.find(kMtuPlace, at))
    text.replace(at, kMtuPlace.size(), "0");
  return text;
}

std::optional<json::Document> cni_conf(const json::StringMap& config_map) {
  for (const auto key : {"cni-conf.json", "cni_network_config"}) {
    const auto text = config_map.find(key);
    if (text == config_map.end()) continue;
    auto conf = json::Document::parse(with_a_number(text->second));
    if (conf) return std::move(*conf);
  }
  return std::nullopt;
}

}  // namespace

std::string cni_network(const json::StringMap& config_map) {
  const auto conf = cni_conf(config_map);
  return conf ? (*conf)["name"].string() : std::string();
}

std::string cni_lease_folder(const json::StringMap& config_map) {
  const auto conf = cni_conf(config_map);
  if (!conf) return {};
  // A .conflist has a list of plugins, a .conf is one.
  const auto plugins = (*conf)["plugins"];
  const auto plugin = plugins.is_array() ? plugins.at(0) : conf->root();
  return plugin["ipam"]["dataDir"].string();
}

}  // namespace flannel
