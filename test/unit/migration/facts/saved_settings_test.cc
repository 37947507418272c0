#include "migration/facts/saved_settings.h"

#include "fakes/build/objects.h"
#include "unit/migration/detected.h"

#include <catch2/catch.hpp>

using namespace migration;
using build::cidr;
using build::source_of;

namespace {

KeptSettings kept() {
  return {{"network", "10.244.0.0/16", "ConfigMap f/c"},
          {"vni", "7", "spec.flannel"},
          {"ipMasq", "true", "default of flanneld"},
          {"annotationPrefix", "flannel.example.com", "arguments of the flannel DaemonSet"},
          {"blockSize", "26", "spec.calico"},
          {"ipv6BlockSize", "122", "spec.calico"}};
}

Settings resolve(const KeptSettings& begun, const api::FlannelSpec& spec = {}) {
  flannel::NetConf conf;
  conf.network = cidr("10.99.0.0/16");
  conf.vni = 1;
  conf.enable_ipv6 = true;
  conf.ipv6_network = cidr("fd00::/48");
  SettingSources sources;
  sources.kept = begun;
  sources.spec = &spec;
  sources.net_conf = &conf;
  sources.net_conf_source = "ConfigMap f/c";
  return resolve_settings(sources);
}

}  // namespace

TEST_CASE("what a migration began with counts, whatever is said later") {
  api::FlannelSpec spec;
  spec.vni = 9;
  const auto settings = resolve(kept(), spec);
  CHECK(settings.network == cidr("10.244.0.0/16"));
  CHECK(settings.vni == 7);
  CHECK_FALSE(settings.ipv6_network);
  CHECK(settings.ip_masq);
  CHECK(settings.annotation_prefix == "flannel.example.com/");
  CHECK(source_of(settings, "network") ==
        "ConfigMap f/c when the migration began; ConfigMap f/c says 10.99.0.0/16");
  CHECK(source_of(settings, "vni") == "spec.flannel when the migration began; spec.flannel says 9");
  // What it did not keep is found as before.
  CHECK(settings.port == 8472);
}

TEST_CASE("a setting that is still said where it was says only that") {
  api::FlannelSpec spec;
  spec.vni = 7;
  CHECK(source_of(resolve(kept(), spec), "vni") == "spec.flannel; ConfigMap f/c says 1");
  CHECK(resolve({}).ipv6_network == cidr("fd00::/48"));
}

TEST_CASE("what was kept resolves to the same settings again") {
  auto settings = resolve({});
  const auto again = resolve(settings_to_keep(settings, {}));
  CHECK(again == settings);
}

TEST_CASE("a value that cannot be read was not kept") {
  auto begun = kept();
  begun.push_back({"port", "many", "spec.flannel"});
  CHECK(resolve(begun).port == 8472);
}

TEST_CASE("a spec is compared with what the migration began with") {
  api::MigrationSpec spec;
  CHECK(find_conflicts(spec, kept()).empty());
  spec.flannel.network = cidr("10.244.0.0/16");
  spec.flannel.annotation_prefix = "flannel.example.com/";
  CHECK(find_conflicts(spec, kept()).empty());
  spec.flannel.vni = 9;
  spec.flannel.ipv6_network = cidr("fd00::/48");
  spec.calico.block_size = 24;
  CHECK(find_conflicts(spec, kept()) ==
        std::vector<SettingConflict>{{"spec.flannel.ipv6Network", "fd00::/48", ""},
                                     {"spec.flannel.vni", "9", "7"},
                                     {"spec.calico.blockSize", "24", "26"}});
  CHECK(find_conflicts(spec, {}).empty());
}
