#include "migration/facts/saved_settings.h"

#include "flannel/node_annotations.h"
#include "migration/facts/setting_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace migration {
namespace {

constexpr std::array<std::string_view, 8> kKept = {
    "network", "ipv6Network",      "subnetLength", "ipv6SubnetLength",
    "ipMasq",  "annotationPrefix", "vni",          "port"};
constexpr std::string_view kBlockSize = "blockSize";
constexpr std::string_view kIpv6BlockSize = "ipv6BlockSize";

api::DetectedValue number(std::string_view name, int value) {
  return {std::string(name), setting_text(value), "spec.calico"};
}

class Comparison {
 public:
  explicit Comparison(const KeptSettings& kept) : kept_(kept) {}

  void say(std::string_view part, std::string_view name, std::optional<std::string> said) {
    if (!said) return;
    const auto* kept = find_setting(kept_, name);
    const std::string before = kept == nullptr ? "" : kept->value;
    if (*said == before) return;
    conflicts_.push_back({fmt::format("spec.{}.{}", part, name), std::move(*said), before});
  }

  template <typename T>
  void flannel(std::string_view name, const std::optional<T>& said) {
    say("flannel", name, said ? std::optional(setting_text(*said)) : std::nullopt);
  }

  void prefix(const std::optional<std::string>& said) {
    const auto* kept = find_setting(kept_, "annotationPrefix");
    if (said && kept != nullptr &&
        flannel::annotation_prefix(*said) == flannel::annotation_prefix(kept->value)) {
      return;
    }
    say("flannel", "annotationPrefix", said);
  }

  std::vector<SettingConflict> take() { return std::move(conflicts_); }

 private:
  const KeptSettings& kept_;
  std::vector<SettingConflict> conflicts_;
};

}  // namespace

KeptSettings settings_to_keep(const Settings& settings, const api::CalicoSpec& calico) {
  KeptSettings kept;
  for (const auto& value : settings.detected) {
    const bool wanted = std::find(kKept.begin(), kKept.end(), value.name) != kKept.end();
    // Saves only the first source; other sources are compared again on every plan.
    if (wanted && !value.value.empty())
      kept.push_back({value.name, value.value, value.source.substr(0, value.source.find(';'))});
  }
  kept.push_back(number(kBlockSize, calico.block_size));
  kept.push_back(number(kIpv6BlockSize, calico.ipv6_block_size));
  return kept;
}

std::vector<SettingConflict> find_conflicts(const api::MigrationSpec& spec,
                                            const KeptSettings& kept) {
  if (kept.empty()) return {};
  Comparison compare(kept);
  const auto& said = spec.flannel;
  compare.flannel("network", said.network);
  compare.flannel("ipv6Network", said.ipv6_network);
  compare.flannel("subnetLength", said.subnet_length);
  compare.flannel("ipv6SubnetLength", said.ipv6_subnet_length);
  compare.flannel("ipMasq", said.ip_masq);
  compare.flannel("vni", said.vni);
  compare.flannel("port", said.port);
  compare.prefix(said.annotation_prefix);
  compare.say("calico", kBlockSize, setting_text(spec.calico.block_size));
  compare.say("calico", kIpv6BlockSize, setting_text(spec.calico.ipv6_block_size));
  return compare.take();
}

}  // namespace migration
