#include "flannel/install.h"

#include <catch2/catch.hpp>

using flannel::Flavour;
using flannel::recognise;

namespace {

api::ContainerSpec container(std::string name, std::string image,
                             std::vector<std::string> command = {}) {
  return {std::move(name), std::move(image), std::move(command), {}};
}

// kube-flannel.yml of flannel v0.28.4.
api::DaemonSet kube_flannel() {
  api::DaemonSet set;
  set.meta.ns = "kube-flannel";
  set.meta.name = "kube-flannel-ds";
  set.init_containers = {
      container("install-cni-plugin", "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.0",
                {"cp", "-f", "/flannel", "/opt/cni/bin/flannel"}),
      container(
          "install-cni", "ghcr.io/flannel-io/flannel:v0.28.4",
          {"cp", "-f", "/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"})};
  set.containers = {container("kube-flannel", "ghcr.io/flannel-io/flannel:v0.28.4",
                              {"/opt/bin/flanneld", "--ip-masq", "--kube-subnet-mgr"})};
  set.config_maps = {"kube-flannel-cfg"};
  return set;
}

api::DaemonSet canal() {
  api::DaemonSet set;
  set.meta.ns = "kube-system";
  set.meta.name = "canal";
  set.containers = {container("calico-node", "docker.io/calico/node:v3.30.0"),
                    container("kube-flannel", "docker.io/flannel/flannel:v0.24.4",
                              {"/opt/bin/flanneld", "--ip-masq", "--kube-subnet-mgr"})};
  set.config_maps = {"canal-config"};
  return set;
}

}  // namespace

TEST_CASE("flannel's own DaemonSet is recognised") {
  const auto found = recognise(kube_flannel());
  REQUIRE(found);
  CHECK(found->key == api::ObjectKey{"kube-flannel", "kube-flannel-ds"});
  CHECK(found->flavour == Flavour::Flannel);
  CHECK(found->version == "0.28.4");
  CHECK(found->config_map == "kube-flannel-cfg");
  CHECK(found->kube_subnet_manager);
  CHECK_FALSE(found->etcd);
  CHECK(found->ip_masq == true);
  CHECK(found->annotation_prefix == "flannel.alpha.coreos.com");
  CHECK_FALSE(found->addon_manager);
  CHECK(found->managed_by.empty());
}

TEST_CASE("Canal is flannel with calico-node beside it") {
  const auto found = recognise(canal());
  REQUIRE(found);
  CHECK(found->flavour == Flavour::Canal);
  CHECK(found->version == "0.24.4");
  CHECK(found->config_map == "canal-config");
}

TEST_CASE("rke2's Canal is recognised by its containers") {
  auto set = canal();
  set.meta.name = "rke2-canal";
  set.containers[0].image = "rancher/hardened-calico:v3.30.0-build1";
  set.containers[1].image = "rancher/hardened-flannel:v0.26.1-build1";
  CHECK(recognise(set)->flavour == Flavour::Canal);
}

TEST_CASE("a DaemonSet is recognised by what it runs and not by its name") {
  const auto [name, containers,
              flannel] = GENERATE(table<std::string, std::vector<api::ContainerSpec>, bool>({
      {"another image with flanneld",
       {container("a", "example.com/net:1", {"/opt/bin/flanneld"})},
       true},
      {"the image's own program",
       {container("a", "flannel/flannel:v0.26.0", {"--kube-subnet-mgr"})},
       true},
      {"the image without any argument", {container("kube-flannel", "flannel/flannel")}, true},
      {"a shell around flanneld",
       {container("a", "x", {"/bin/sh", "-c", "exec /opt/bin/flanneld --ip-masq"})},
       true},
      {"only files are installed",
       {container("kube-flannel", "flannel/flannel", {"cp", "a", "b"})},
       false},
      {"only the CNI plugin", {container("kube-flannel", "flannel/flannel-cni-plugin:v1")}, false},
      {"Calico's own DaemonSet", {container("calico-node", "quay.io/calico/node:v3.31.0")}, false},
      {"the name alone", {container("kube-flannel", "nginx")}, false},
      {"no container", {}, false},
  }));
  CAPTURE(name);
  api::DaemonSet set;
  set.meta.name = "kube-flannel-ds";
  set.containers = containers;
  CHECK(recognise(set).has_value() == flannel);
}

namespace {

api::ContainerSpec with_mounts(api::ContainerSpec made, bool read_only = false) {
  made.mounts = {{"run", "/run/flannel", "", read_only}, {"cfg", "/etc/kube-flannel/", "", false}};
  return made;
}

}  // namespace

TEST_CASE("a container is flanneld's by program, option, mounts, or an image of flannel's own") {
  using flannel::Sign;
  const auto [name, one,
              sign] = GENERATE(table<std::string, api::ContainerSpec, std::optional<Sign>>({
      {"program", container("a", "x", {"/opt/bin/flanneld"}), Sign::Program},
      {"by digest, with its options",
       container("a", "x@sha256:01", {"--ip-masq", "--kube-subnet-mgr"}), Sign::SubnetManager},
      {"by digest, without a command", with_mounts(container("a", "x@sha256:01")), Sign::Mounts},
      {"behind a script", with_mounts(container("a", "x", {"/start.sh"})), Sign::Mounts},
      {"flannel's own image", container("a", "flannel/flannel:v0.26.0"), Sign::Image},
      {"an exporter that reads both", with_mounts(container("a", "flannel-exporter"), true),
       std::nullopt},
      {"an image with flannel in its name", container("a", "flannel-exporter:v1"), std::nullopt},
      {"one that waits for flanneld",
       container("a", "x", {"sh", "-c", "until pgrep flanneld; do sleep 1; done"}), std::nullopt},
      {"by digest, with nothing else", container("a", "x@sha256:01"), std::nullopt},
  }));
  CAPTURE(name);
  api::DaemonSet set;
  set.containers = {container("sidecar", "example.com/flannel-annotator:v1"), one};
  const auto found = recognise(set);
  REQUIRE(found.has_value() == sign.has_value());
  if (!sign) return;
  CHECK(found->sign == *sign);
  CHECK(found->image == one.image);
}

TEST_CASE("what the user names is taken, and what it does not show is known") {
  auto set = kube_flannel();
  set.containers = {container("net", "registry/x@sha256:01", {"/start.sh"})};
  REQUIRE_FALSE(recognise(set));
  const auto taken = flannel::take(set);
  CHECK(taken.sign == flannel::Sign::None);
  CHECK(taken.config_map == "kube-flannel-cfg");
  CHECK_FALSE(taken.etcd);
  CHECK(taken.unread.at("ip-masq") == "--ip-masq may be in what /start.sh runs");
  set.containers.clear();
  CHECK(flannel::take(set).image.empty());
}

TEST_CASE("init containers do not make a DaemonSet flannel") {
  auto set = kube_flannel();
  set.init_containers.push_back(set.containers.front());
  set.containers = {container("pause", "pause:3.9")};
  CHECK_FALSE(recognise(set));
}

TEST_CASE("how flannel keeps its leases is told from its options") {
  const auto [command, env, kube, etcd] =
      GENERATE(table<std::vector<std::string>, api::StringMap, bool, bool>({
          {{"flanneld", "-kube-subnet-mgr"}, {}, true, false},
          {{"flanneld", "--kube-subnet-mgr=true"}, {}, true, false},
          {{"flanneld"}, {{"FLANNELD_KUBE_SUBNET_MGR", "true"}}, true, false},
          {{"flanneld", "--etcd-endpoints=http://e:2379"}, {}, false, true},
          {{"flanneld"}, {{"FLANNELD_ETCD_ENDPOINTS", "http://e:2379"}}, false, true},
          {{"flanneld", "--kube-subnet-mgr", "--etcd-endpoints=http://e:2379"}, {}, true, false},
          {{"flanneld", "--kube-subnet-mgr=false"}, {}, false, true},
          {{"flanneld"}, {}, false, true},
          {{"/start.sh"}, {}, false, false},
      }));
  auto set = kube_flannel();
  set.containers[0].command = command;
  set.containers[0].env = env;
  CHECK(flannel::take(set).kube_subnet_manager == kube);
  CHECK(flannel::take(set).etcd == etcd);
}

TEST_CASE("masquerading is unknown when neither option nor environment says") {
  auto set = kube_flannel();
  set.containers[0].command = {"/opt/bin/flanneld"};
  CHECK(recognise(set)->ip_masq == std::nullopt);
  set.containers[0].env = {{"FLANNELD_IP_MASQ", "true"}};
  CHECK(recognise(set)->ip_masq == true);
}

TEST_CASE("another annotation prefix is taken from the options") {
  auto set = kube_flannel();
  set.containers[0].command.push_back("--kube-annotation-prefix=example.com/net");
  CHECK(recognise(set)->annotation_prefix == "example.com/net");
}

TEST_CASE("flannel's own ConfigMap is chosen among several") {
  auto set = kube_flannel();
  set.config_maps = {"proxy", "canal-config", "kube-flannel-cfg"};
  CHECK(recognise(set)->config_map == "kube-flannel-cfg");
  set.config_maps = {"proxy", "other"};
  CHECK(recognise(set)->config_map == "proxy");
  set.config_maps = {};
  CHECK(recognise(set)->config_map.empty());
}

TEST_CASE("the ConfigMap is the one that has the key, whatever its name") {
  const std::map<std::string, api::StringMap> known = {
      {"flannel-kubeconfig", {{"kubeconfig", "x"}}},
      {"network", {{"net-conf.json", "{}"}, {"other.json", "{}"}}},
      {"canal-config", {{"net-conf.json", "{}"}}}};
  const auto find = [&known](const std::string& name) {
    const auto found = known.find(name);
    return found == known.end() ? nullptr : &found->second;
  };
  const auto [names, chosen] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"flannel-kubeconfig", "network"}, "network"},
      {{"network", "canal-config"}, "canal-config"},
      {{"flannel-kubeconfig"}, ""},
      {{"flannel-kubeconfig", "unknown"}, "unknown"},
  }));
  auto set = kube_flannel();
  set.config_maps = names;
  CHECK(recognise(set, find)->config_map == chosen);
  CHECK(recognise(set, find)->config_map == chosen);
  set.containers[0].command.push_back("--net-config-path=/etc/flannel/other.json");
  if (chosen == "network") CHECK(recognise(set, find)->config_key == "other.json");
}

TEST_CASE("who would put the DaemonSet back is named") {
  const auto [labels, annotations,
              named] = GENERATE(table<api::StringMap, api::StringMap, std::string>({
      {{{"app.kubernetes.io/managed-by", "Helm"}},
       {{"meta.helm.sh/release-name", "flannel"},
        {"meta.helm.sh/release-namespace", "kube-flannel"}},
       "Helm release kube-flannel/flannel"},
      {{{"app.kubernetes.io/managed-by", "Helm"}}, {}, "Helm"},
      {{{"argocd.argoproj.io/instance", "net"}}, {}, "Argo CD application net"},
      {{},
       {{"argocd.argoproj.io/tracking-id", "net:apps/DaemonSet:kube-flannel/kube-flannel-ds"}},
       "Argo CD application net"},
      {{{"kustomize.toolkit.fluxcd.io/name", "infra"},
        {"kustomize.toolkit.fluxcd.io/namespace", "flux-system"}},
       {},
       "Flux Kustomization flux-system/infra"},
      {{{"helm.toolkit.fluxcd.io/name", "net"}},
       {{"meta.helm.sh/release-name", "net"}},
       "Flux HelmRelease net"},
      {{{"objectset.rio.cattle.io/hash", "abc"}},
       {{"objectset.rio.cattle.io/owner-gvk", "helm.cattle.io/v1, Kind=HelmChart"},
        {"objectset.rio.cattle.io/owner-name", "rke2-canal"},
        {"objectset.rio.cattle.io/owner-namespace", "kube-system"}},
       "HelmChart kube-system/rke2-canal"},
      {{{"objectset.rio.cattle.io/hash", "abc"}}, {}, "Rancher object set abc"},
      {{{"app.kubernetes.io/managed-by", "kubectl"}}, {}, ""},
      {{{"app.kubernetes.io/managed-by", "somebody"}}, {}, "somebody"},
      {{{"addon.kops.k8s.io/name", "networking.flannel"}, {"app.kubernetes.io/managed-by", "kops"}},
       {},
       "kops addon networking.flannel"},
      {{{"app.kubernetes.io/managed-by", "kops"}}, {}, "kops"},
      {{{"heritage", "deckhouse"}, {"module", "cni-flannel"}}, {}, "Deckhouse module cni-flannel"},
      {{{"kapp.k14s.io/app", "1700000000"}}, {}, "kapp app 1700000000"},
      {{{"k0s.k0sproject.io/stack", "flannel"}}, {}, "k0s stack flannel"},
      {{{"kubermatic-addon", "canal"}}, {}, "Kubermatic addon canal"},
  }));
  auto set = kube_flannel();
  set.meta.labels = labels;
  set.meta.annotations = annotations;
  CHECK(recognise(set)->managed_by == named);
}

TEST_CASE("Talos is known by its images") {
  auto set = kube_flannel();
  set.containers[0].image = "ghcr.io/siderolabs/flannel:v0.26.1";
  CHECK(recognise(set)->managed_by == "Talos");
}

TEST_CASE("the add-on manager's label is seen") {
  auto set = kube_flannel();
  set.meta.labels["addonmanager.kubernetes.io/mode"] = "Reconcile";
  CHECK(recognise(set)->addon_manager);
}

TEST_CASE("sets of one ConfigMap are one installation, whatever their names") {
  const auto other = GENERATE("kube-flannel-ds-arm64", "kube-flannel", "kube-flannel-edge-ds", "x");
  auto set = kube_flannel();
  set.meta.name = "kube-flannel-ds-amd64";
  const auto a = recognise(set).value();
  auto b = a;
  b.key.name = other;
  CHECK(flannel::same_installation(a, b));
}

TEST_CASE("a set for another operating system is another installation") {
  const auto term = [](std::string key, std::string op, std::vector<std::string> values) {
    return api::NodeSelectorTerm{{{std::move(key), std::move(op), std::move(values)}}, {}};
  };
  auto set = kube_flannel();
  CHECK(recognise(set)->os == "linux");
  set.node_selector = {{"kubernetes.io/os", "windows"}};
  CHECK(recognise(set)->os == "windows");
  CHECK_FALSE(flannel::same_installation(*recognise(set), *recognise(kube_flannel())));
  set.node_selector = {{"beta.kubernetes.io/os", "windows"}};
  CHECK(recognise(set)->os == "windows");
  set.node_selector = {{"beta.kubernetes.io/os", "linux"}};
  CHECK(recognise(set)->os == "linux");
  set.node_selector = {{"other", "windows"}};
  set.node_affinity = {term("kubernetes.io/os", "In", {"windows"})};
  CHECK(recognise(set)->os == "windows");
  set.node_affinity = {term("kubernetes.io/os", "In", {"windows"}), term("x", "Exists", {})};
  CHECK(recognise(set)->os == "linux");
  set.node_affinity = {term("kubernetes.io/os", "In", {"linux"})};
  CHECK(recognise(set)->os == "linux");
  set.node_affinity = {term("kubernetes.io/os", "In", {"linux", "windows"})};
  CHECK(recognise(set)->os == "linux");
}

TEST_CASE("sets of another namespace, ConfigMap or flavour are another installation") {
  const auto a = recognise(kube_flannel()).value();
  auto beside_calico = a;
  beside_calico.flavour = Flavour::Canal;
  CHECK_FALSE(flannel::same_installation(a, beside_calico));
  auto elsewhere = a;
  elsewhere.key.ns = "kube-system";
  CHECK_FALSE(flannel::same_installation(a, elsewhere));
  auto configured = a;
  configured.config_map = "other";
  CHECK_FALSE(flannel::same_installation(a, configured));
}

TEST_CASE("versions are compared by number") {
  const auto [version, least, answer] =
      GENERATE(table<std::string, std::string, std::optional<bool>>({
          {"0.28.4-amd64", "v0.9.1", true},
          {"v0.9.1", "v0.9.1", true},
          {"0.9.0", "0.9.1", false},
          {"0.10.0", "0.9.1", true},
          {"1.0", "0.9.1", true},
          {"", "0.9.1", std::nullopt},
          {"latest", "0.9.1", std::nullopt},
          {"0", "0.9.1", std::nullopt},
          {"0.9.1", "garbage", std::nullopt},
          {"99999999999999999999.0.0", "0.9.1", std::nullopt},
          {"-1.0.0", "0.9.1", std::nullopt},
      }));
  CAPTURE(version, least);
  CHECK(flannel::version_at_least(version, least) == answer);
}
