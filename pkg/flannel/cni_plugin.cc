#include "flannel/cni_plugin.h"

#include <fmt/format.h>

#include <algorithm>

namespace flannel {
namespace {

constexpr std::string_view kBridge = "bridge";
constexpr std::string_view kHostLocal = "host-local";

}  // namespace

std::vector<json::View> plugins_of(json::View conf) {
  return conf["plugins"].is_array() ? conf["plugins"].items() : std::vector<json::View>{conf};
}

// A missing type is the default that the plugin itself has.
std::string plugin_problem(json::View plugin) {
  const auto delegate = plugin["delegate"]["type"].string(kBridge.data());
  if (plugin["type"].string_view() == "flannel" && delegate != kBridge)
    return fmt::format("leaves pods to the plugin '{}', wanted {}", delegate, kBridge);
  const auto ipam = plugin["ipam"]["type"].string(kHostLocal.data());
  if (ipam == kHostLocal) return {};
  return fmt::format("has addresses from the plugin '{}', wanted {}", ipam, kHostLocal);
}

std::string tidy_folder(std::string_view folder) {
  std::string path;
  while (!folder.empty()) {
    const auto part = folder.substr(0, folder.find('/'));
    folder.remove_prefix(std::min(part.size() + 1, folder.size()));
    if (!part.empty() && part != ".") path.append("/").append(part);
  }
  return path;
}

bool is_mounted(std::string_view folder) {
  const bool within = folder == kCniState || folder.starts_with(std::string(kCniState) + "/");
  return within && (std::string(folder) + "/").find("/../") == std::string::npos;
}

}  // namespace flannel
