#include "flannel/cni_network.h"

#include "flannel/cni_plugin.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

namespace flannel {
namespace {

// Canal's install-cni replaces this by a number; with it the text is not JSON.
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

json::View first_plugin(const json::Document& conf) {
  const auto plugins = plugins_of(conf.root());
  return plugins.empty() ? json::View() : plugins.front();
}

bool gives_flannel_pods_network(json::View plugin) {
  const auto type = plugin["type"].string_view();
  return type == "flannel" ||
         (type == "calico" && plugin["ipam"]["type"].string_view() != "calico-ipam");
}

}  // namespace

std::string cni_network(const json::StringMap& config_map) {
  const auto conf = cni_conf(config_map);
  return conf ? (*conf)["name"].string() : std::string();
}

std::string cni_lease_folder(const json::StringMap& config_map) {
  const auto conf = cni_conf(config_map);
  if (!conf) return {};
  return first_plugin(*conf)["ipam"]["dataDir"].string();
}

std::string cni_problem(const json::StringMap& config_map) {
  const auto conf = cni_conf(config_map);
  if (!conf) return {};
  const auto plugin = first_plugin(*conf);
  if (!gives_flannel_pods_network(plugin)) return {};
  auto problem = plugin_problem(plugin);
  const auto folder = plugin["ipam"]["dataDir"].string();
  if (!problem.empty() || folder.empty() || is_mounted(tidy_folder(folder))) return problem;
  return fmt::format("keeps its leases in {}, wanted a folder below {}", folder, kCniState);
}

std::vector<std::string> cni_plugins(const json::StringMap& config_map) {
  const auto conf = cni_conf(config_map);
  if (!conf) return {};
  std::vector<std::string> types;
  for (const auto& plugin : plugins_of(conf->root())) types.push_back(plugin["type"].string());
  std::erase(types, "");
  return types;
}

}  // namespace flannel
