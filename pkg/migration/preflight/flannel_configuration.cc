// Checks whether flannel's configuration and options are known.
#include "migration/preflight/checks.h"

#include <fmt/format.h>

namespace migration::checks {
namespace {

using api::Severity;

const std::string kGiveIt = "give spec.flannel.network, vni and port";

std::string fix_of(const std::string& ns, const std::string& config_map) {
  return fmt::format(
      "Grant get, list and watch on configmaps/{} in {} (value "
      "flannel.extraConfigMaps of the chart), or {}",
      config_map, ns, kGiveIt);
}

// Says where the configuration is, and how it can become known.
struct Missing {
  std::string observed;
  std::string fix;
};

Missing why_missing(const flannel::Candidate& install) {
  const std::string tell = "Give" + kGiveIt.substr(4);
  if (!install.config_place.empty())
    return {fmt::format("{} is in {}, which is not read", install.config_key, install.config_place),
            tell};
  if (!install.config_map.empty())
    return {fmt::format("ConfigMap {}/{} is not there, or may not be read", install.key.ns,
                        install.config_map),
            fix_of(install.key.ns, install.config_map)};
  if (install.config_maps.empty()) return {"the DaemonSet mounts no ConfigMap", tell};
  return {fmt::format("no ConfigMap that DaemonSet {} names has a key {}: {}",
                      install.key.to_string(), install.config_key, name_some(install.config_maps)),
          tell};
}

std::string options_not_seen(const flannel::Candidate& install) {
  std::vector<std::string> names;
  for (const auto& [name, where] : install.unread) names.push_back("--" + name);
  return names.empty() ? "" : "; not seen: " + name_some(names);
}

}  // namespace

void flannel_recognised(const Survey& survey, Findings& findings) {
  if (!survey.install || survey.install->sign != flannel::Sign::None) return;
  findings.push_back(
      {"FlannelRecognised", Severity::Warn,
       fmt::format("DaemonSet {} is taken for flannel as spec.flannel.daemonSet names it; its "
                   "containers do not show flanneld{}",
                   survey.install->key.to_string(), options_not_seen(*survey.install)),
       "a DaemonSet that runs flanneld",
       "Nothing, if it does; else correct spec.flannel.daemonSet"});
}

// A pool without natOutgoing under a flannel that masquerades would cut pods off from outside.
void flannel_options(const Survey& survey, Findings& findings) {
  if (!survey.install) return;
  const auto where = survey.install->unread.find("ip-masq");
  const auto* setting = find_setting(survey.settings.detected, "ipMasq");
  if (where == survey.install->unread.end() || setting == nullptr ||
      !setting->source.starts_with("default"))
    return;
  findings.push_back({"FlannelOptions", Severity::Block,
                      fmt::format("whether flannel masquerades is not known: {}", where->second),
                      "the value that flannel runs with",
                      "Give spec.flannel.ipMasq: FLANNEL_IPMASQ in /run/flannel/subnet.env of a "
                      "node is it"});
}

void flannel_configuration(const Survey& survey, Findings& findings) {
  if (!survey.install) return;
  const auto unless_given = survey.configuration_is_given() ? Severity::Warn : Severity::Block;
  const auto place =
      fmt::format("ConfigMap {}/{}", survey.install->key.ns, survey.install->config_map);
  if (!survey.net_conf_error.empty()) {
    findings.push_back({"FlannelConfiguration", unless_given, place + ": " + survey.net_conf_error,
                        "a readable net-conf.json",
                        "Correct it as flannel itself reads it, or " + kGiveIt});
  } else if (!survey.net_conf) {
    auto missing = why_missing(*survey.install);
    findings.push_back({"FlannelConfiguration", unless_given, std::move(missing.observed),
                        "net-conf.json of flannel", std::move(missing.fix)});
  } else if (!survey.settings.network && !survey.settings.ipv6_network) {
    findings.push_back({"FlannelNetwork", Severity::Block, place + " names no Network",
                        "the cluster's pod network", "Give spec.flannel.network"});
  }
}

}  // namespace migration::checks
