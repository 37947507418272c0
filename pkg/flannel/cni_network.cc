#include "flannel/cni_network.h"

#include <string_view>

namespace flannel {
namespace {

// Canal's install-cni puts a number there; until then the text is no JSON.
constexpr std::string_view kMtuPlace = "__CNI_MTU__";

std::string with_a_number(std::string text) {
  for (auto at = text.find(kMtuPlace); at != std::string::npos; at = text.find(kMtuPlace, at))
    text.replace(at, kMtuPlace.size(), "0");
  return text;
}

}  // namespace

std::string cni_network(const json::StringMap& config_map) {
  for (const auto key : {"cni-conf.json", "cni_network_config"}) {
    const auto text = config_map.find(key);
    if (text == config_map.end()) continue;
    const auto conf = json::Document::parse(with_a_number(text->second));
    if (conf) return (*conf)["name"].string();
  }
  return {};
}

}  // namespace flannel
