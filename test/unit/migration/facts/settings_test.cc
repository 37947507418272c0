#include "migration/facts/settings.h"

#include "fakes/build/objects.h"
#include "unit/migration/detected.h"

#include <catch2/catch.hpp>

using namespace migration;
using build::cidr;
using build::source_of;

namespace {

// Everything that a setting can come from, filled in by a test.
struct Sources {
  api::FlannelSpec spec;
  flannel::Candidate install;
  flannel::NetConf conf;
  SettingSources get() {
    SettingSources sources;
    sources.spec = &spec;
    sources.install = &install;
    sources.net_conf = &conf;
    sources.net_conf_source = "ConfigMap kube-flannel/kube-flannel-cfg";
    return sources;
  }
};

}  // namespace

TEST_CASE("what the user says wins over everything else") {
  Sources from;
  from.conf.network = cidr("10.244.0.0/16");
  from.conf.vni = 1;
  from.conf.port = 8472;
  from.conf.mtu = 1500;
  from.install.ip_masq = true;
  from.spec = {{}, cidr("10.42.0.0/16"), {}, 25, {}, 1400, false, "example.com/flannel", 7, 4789};
  const auto settings = resolve_settings(from.get());
  CHECK(settings.network == cidr("10.42.0.0/16"));
  CHECK(settings.subnet_length == 25);
  CHECK(settings.mtu == 1400);
  CHECK_FALSE(settings.ip_masq);
  CHECK(settings.annotation_prefix == "example.com/flannel-");
  CHECK(settings.vni == 7);
  CHECK(settings.port == 4789);
  CHECK(source_of(settings, "network") ==
        "spec.flannel; ConfigMap kube-flannel/kube-flannel-cfg says 10.244.0.0/16");
}

TEST_CASE("what is not said is detected") {
  Sources from;
  from.conf.network = cidr("10.244.0.0/16");
  from.conf.backend = "vxlan";
  from.conf.vni = 3;
  from.conf.port = 0;
  from.install.ip_masq = false;
  from.install.annotation_prefix = "flannel.alpha.coreos.com";
  auto sources = from.get();
  sources.subnet_env = flannel::SubnetEnv{};
  sources.subnet_env->mtu = 1450;
  sources.subnet_env_source = "subnet.env on node w1";
  sources.pod_cidrs = {cidr("10.244.1.0/25")};
  const auto settings = resolve_settings(sources);
  CHECK(settings.network == cidr("10.244.0.0/16"));
  CHECK_FALSE(settings.ipv6_network);
  CHECK(settings.subnet_length == 25);
  CHECK(settings.mtu == 1450);
  CHECK_FALSE(settings.ip_masq);
  CHECK(settings.annotation_prefix == "flannel.alpha.coreos.com/");
  CHECK(settings.vni == 3);
  CHECK(settings.port == 8472);
  CHECK(source_of(settings, "mtu") == "subnet.env on node w1");
  CHECK(source_of(settings, "subnetLength") == "spec.podCIDRs of the nodes");
}

TEST_CASE("flannel's defaults fill what nobody says") {
  Sources from;
  SettingSources sources;
  sources.spec = &from.spec;
  const auto settings = resolve_settings(sources);
  CHECK_FALSE(settings.network);
  CHECK(settings.subnet_length == 24);
  CHECK_FALSE(settings.mtu);
  CHECK(settings.vni == 1);
  CHECK(settings.port == 8472);
  CHECK(source_of(settings, "network") == "not found");
  CHECK(source_of(settings, "mtu") == "read on a node when the migration begins");
  CHECK(source_of(settings, "vni") == "default; not known: net-conf.json is not read");
}

TEST_CASE("the tunnel's MTU is the user's, else the smallest that is found") {
  const auto [what, said, conf, felix, env, device, mtu] =
      GENERATE(table<std::string, std::optional<int>, std::optional<int>, std::optional<int>,
                     std::optional<int>, std::optional<int>, std::optional<int>>({
          {"spec", 1400, 1500, 1440, 1430, 1420, 1400},
          {"net-conf names the outer one", {}, 1480, 1440, 1450, 1460, 1430},
          {"Felix", {}, 1500, 1440, 1450, 1460, 1440},
          {"subnet.env", {}, {}, 1450, 1430, 1440, 1430},
          {"a device that is smaller", {}, 1500, 1450, 1450, 1400, 1400},
          {"flannel's device, as Canal leaves no subnet.env", {}, {}, {}, {}, 1420, 1420},
          {"nobody", {}, {}, {}, {}, {}, {}},
      }));
  CAPTURE(what);
  Sources from;
  from.spec.mtu = said;
  from.conf.mtu = conf;
  auto sources = from.get();
  sources.felix_mtu = felix;
  sources.subnet_env = flannel::SubnetEnv{};
  sources.subnet_env->mtu = env;
  sources.tunnel_mtu = device;
  CHECK(resolve_settings(sources).mtu == mtu);
}

TEST_CASE("IPv6 counts only where flannel has it switched on") {
  const bool enabled = GENERATE(true, false);
  Sources from;
  from.conf.enable_ipv6 = enabled;
  from.conf.ipv6_network = cidr("fd00:10:244::/48");
  const auto settings = resolve_settings(from.get());
  CHECK(settings.ipv6_network.has_value() == enabled);
}
