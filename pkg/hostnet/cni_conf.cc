#include "hostnet/cni_conf.h"

#include "flannel/cni_plugin.h"
#include "json/value.h"
#include "json/writer.h"

#include <algorithm>
#include <array>
#include <vector>

namespace hostnet {
namespace {

constexpr std::string_view kDummyType = "flannel-migration-in-progress";
constexpr std::string_view kDefaultBridge = "cni0";

CniKind kind_of(json::View plugin) {
  const auto type = plugin["type"].string_view();
  if (type == kDummyType) return CniKind::Dummy;
  if (type == "flannel") return CniKind::Flannel;
  if (type != "calico") return CniKind::Other;
  return plugin["ipam"]["type"].string_view() == "calico-ipam" ? CniKind::Calico : CniKind::Canal;
}

}  // namespace

bool is_conf_name(std::string_view file) {
  constexpr std::array kEndings = {".conf", ".conflist", ".json"};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [file](const char* ending) { return file.ends_with(ending); });
}

CniConf parse_cni_conf(std::string file, std::string_view text) {
  CniConf conf{.file = std::move(file), .kind = CniKind::Unreadable};
  const auto document = json::Document::parse(text);
  if (!document) {
    conf.problem = "no JSON: " + document.error().message;
    return conf;
  }
  const auto plugins = flannel::plugins_of(document->root());
  conf.network = (*document)["name"].string();
  if (plugins.empty() || !plugins[0]["type"].is_string()) {
    conf.problem = "names no plugin";
    return conf;
  }
  conf.kind = kind_of(plugins[0]);
  if (conf.kind == CniKind::Flannel)
    conf.bridge = plugins[0]["delegate"]["bridge"].string(kDefaultBridge.data());
  if (conf.kind == CniKind::Flannel || conf.kind == CniKind::Canal) {
    conf.lease_folder = plugins[0]["ipam"]["dataDir"].string();
    conf.unsupported = flannel::plugin_problem(plugins[0]);
  }
  return conf;
}

std::string dummy_conf() {
  json::Writer out;
  out.object().field("cniVersion", "0.3.1").field("name", "flannel-migration");
  out.key("plugins").array().object().field("type", kDummyType).end().end().end();
  return out.text() + "\n";
}

}  // namespace hostnet
