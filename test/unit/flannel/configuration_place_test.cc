#include "flannel/configuration_place.h"

#include <catch2/catch.hpp>

using flannel::ConfigurationPlace;

namespace {

const std::map<std::string, api::StringMap> kKnown = {
    {"a", {{"kubeconfig", ""}}}, {"b", {{"net-conf.json", "{}"}}}, {"c", {{"conf", "{}"}}}};

const api::StringMap* find_known(const std::string& name) {
  const auto found = kKnown.find(name);
  return found == kKnown.end() ? nullptr : &found->second;
}

api::Volume of_maps(std::vector<api::ConfigMapFiles> files) {
  return {"cfg", std::move(files), {}};
}

struct Row {
  std::string name;
  api::Volume volume;
  api::VolumeMount mount;
  ConfigurationPlace place;
};

}  // namespace

TEST_CASE("flannel's configuration is what is mounted where flanneld reads it") {
  const std::string file(flannel::kNetConfigPath);
  const api::VolumeMount whole{"cfg", "/etc/kube-flannel/", "", false};
  const auto row = GENERATE_COPY(from_range(std::vector<Row>{
      {"a ConfigMap", of_maps({{"b", {}}}), whole, {"b", "net-conf.json", ""}},
      {"one that is not known", of_maps({{"x", {}}}), whole, {"x", "net-conf.json", ""}},
      {"one that has not the key", of_maps({{"a", {}}}), whole, {"a", "net-conf.json", ""}},
      {"a key under another name",
       of_maps({{"c", {{"net-conf.json", "conf"}}}}),
       whole,
       {"c", "conf", ""}},
      {"one file of it",
       of_maps({{"b", {}}}),
       {"cfg", file, "net-conf.json", false},
       {"b", "net-conf.json", ""}},
      {"a key in a file",
       of_maps({{"c", {{"x", "conf"}}}}),
       {"cfg", file, "x", false},
       {"c", "conf", ""}},
      {"several in one volume", of_maps({{"a", {}}, {"b", {}}}), whole, {"b", "net-conf.json", ""}},
      {"a Secret", {"cfg", {}, "Secret s"}, whole, {"", "net-conf.json", "Secret s"}},
      {"a folder of the node",
       {"cfg", {}, "/etc/x of the node"},
       whole,
       {"", "net-conf.json", "/etc/x of the node"}},
      {"what an init container makes", {"cfg", {}, ""}, whole, {"b", "net-conf.json", ""}},
      {"no mount",
       of_maps({{"a", {}}}),
       {"cfg", "/etc/kube", "", false},
       {"b", "net-conf.json", ""}},
  }));
  CAPTURE(row.name);
  api::DaemonSet set;
  set.volumes = {{"other", {{"b", {}}}, ""}, row.volume};
  set.config_maps = {"a", "b", "c"};
  api::ContainerSpec container{"kube-flannel", "flannel", {}, {}};
  container.mounts = {{"root", "/", "", false}, row.mount};
  CHECK(flannel::find_configuration(set, container, file, find_known) == row.place);
}
