#include "flannel/options.h"

#include <catch2/catch.hpp>

using flannel::Options;

namespace {

Options options(std::vector<std::string> command, api::StringMap env = {}) {
  return Options({"kube-flannel", "flannel", std::move(command), std::move(env)});
}

api::EnvSource masq_in(std::string config_map, std::string key, bool optional = false) {
  return {"FLANNELD_IP_MASQ", std::move(config_map), std::move(key), "", false, optional};
}

api::EnvSource all_of(std::string config_map, std::string prefix = "") {
  return {std::move(prefix), std::move(config_map), "", "", true, false};
}

api::EnvSource masq_in_secret() { return {"FLANNELD_IP_MASQ", "", "", "Secret s", false, false}; }

api::EnvSource all_of_secret() { return {"", "", "", "Secret s", true, false}; }

}  // namespace

TEST_CASE("an option without argument is read as Go's flag package reads it") {
  const auto [word, value] = GENERATE(table<std::string, std::optional<bool>>({
      {"--ip-masq", true},
      {"-ip-masq", true},
      {"--ip-masq=true", true},
      {"--ip-masq=T", true},
      {"-ip-masq=false", false},
      {"--ip-masq=0", false},
      {"--ip-masq=perhaps", std::nullopt},
      {"--ip-masquerade", std::nullopt},
      {"ip-masq", std::nullopt},
      {"---ip-masq", std::nullopt},
      {"-", std::nullopt},
      {"", std::nullopt},
  }));
  CAPTURE(word);
  CHECK(options({"/opt/bin/flanneld", word}).boolean("ip-masq") == value);
}

TEST_CASE("an option with an argument has it behind '=' or as the next word") {
  const auto [command, value] =
      GENERATE(table<std::vector<std::string>, std::optional<std::string>>({
          {{"flanneld", "--iface=eth0"}, "eth0"},
          {{"flanneld", "-iface", "eth1"}, "eth1"},
          {{"flanneld", "--iface", "--ip-masq"}, std::nullopt},
          {{"flanneld", "--iface"}, std::nullopt},
          {{"flanneld", "--iface=a", "--iface=b"}, "b"},
          {{"sh", "-c", "exec /opt/bin/flanneld --iface=eth2 --ip-masq"}, "eth2"},
      }));
  CHECK(options(command).text("iface") == value);
}

TEST_CASE("the command line comes before the environment") {
  const api::StringMap env = {{"FLANNELD_IP_MASQ", "true"},
                              {"FLANNELD_ETCD_ENDPOINTS", "http://e"}};
  CHECK(options({"flanneld"}, env).boolean("ip-masq") == true);
  CHECK(options({"flanneld", "--ip-masq=false"}, env).boolean("ip-masq") == false);
  CHECK(options({"flanneld"}, env).text("etcd-endpoints") == "http://e");
}

TEST_CASE("an option that is in the environment is read from the ConfigMaps that are known") {
  const api::StringMap map = {{"masq", "true"}, {"FLANNELD_IP_MASQ", "false"}};
  const auto find = [&map](const std::string& name) { return name == "known" ? &map : nullptr; };
  const auto [name, sources, literal, value,
              unread] = GENERATE(table<std::string, std::vector<api::EnvSource>, api::StringMap,
                                       std::optional<bool>, std::string>({
      {"one key", {masq_in("known", "masq")}, {}, true, ""},
      {"a key that is not there", {masq_in("known", "x")}, {}, std::nullopt, ""},
      {"all keys", {all_of("known")}, {}, false, ""},
      {"all keys, and one of them again",
       {all_of("known"), masq_in("known", "masq")},
       {},
       true,
       ""},
      {"all keys with a prefix", {all_of("known", "X_")}, {}, std::nullopt, ""},
      {"all keys, and a literal value",
       {all_of("known")},
       {{"FLANNELD_IP_MASQ", "true"}},
       true,
       ""},
      {"a ConfigMap that is not known",
       {masq_in("other", "masq")},
       {},
       std::nullopt,
       "FLANNELD_IP_MASQ is in ConfigMap other"},
      {"an optional one that is not known", {masq_in("other", "masq", true)}, {}, std::nullopt, ""},
      {"a Secret", {masq_in_secret()}, {}, std::nullopt, "FLANNELD_IP_MASQ is in Secret s"},
      {"a whole Secret",
       {all_of_secret()},
       {},
       std::nullopt,
       "FLANNELD_IP_MASQ may be in Secret s"},
      {"a whole Secret, which a literal value beats",
       {all_of_secret()},
       {{"FLANNELD_IP_MASQ", "true"}},
       true,
       ""},
  }));
  CAPTURE(name);
  api::ContainerSpec container{"kube-flannel", "flannel", {"/opt/bin/flanneld"}, literal};
  container.env_sources = sources;
  const Options read(container, find);
  CHECK(read.boolean("ip-masq") == value);
  CHECK(read.unread("ip-masq") == unread);
}

TEST_CASE("an option that cannot be seen is not called a default") {
  const auto [command, image,
              unread] = GENERATE(table<std::vector<std::string>, std::string, std::string>({
      {{"/opt/bin/flanneld"}, "x", ""},
      {{"/opt/bin/flanneld", "--iface", "$(HOST)"}, "x", ""},
      {{"/opt/bin/flanneld", "--ip-masq", "$OPTIONS"}, "x", ""},
      {{"sh", "-c", "exec flanneld $OPTIONS"}, "x", "--ip-masq may be in $OPTIONS of the command"},
      {{"/opt/bin/flanneld", "--ip-masq=$(MASQ)"}, "x", "--ip-masq is $(MASQ)"},
      {{"/start.sh"}, "x", "--ip-masq may be in what /start.sh runs"},
      {{"--kube-subnet-mgr"}, "flannel/flannel:v0.26.0", ""},
      {{"--kube-subnet-mgr"}, "x@sha256:01", "--ip-masq may be in image x@sha256:01"},
      {{}, "x@sha256:01", "--ip-masq may be in image x@sha256:01"},
  }));
  CAPTURE(command, image);
  const auto unread_here = Options({"a", image, command, {}}).unread("ip-masq");
  // A switch that is seen is known, whatever follows.
  CHECK(unread_here == unread);
}

TEST_CASE("variables in a command are filled in") {
  const api::StringMap env = {{"MASQ", "false"}, {"OPTIONS", "--kube-subnet-mgr --ip-masq"}};
  CHECK(options({"flanneld", "--ip-masq=$(MASQ)"}, env).boolean("ip-masq") == false);
  CHECK(options({"sh", "-c", "exec flanneld $OPTIONS"}, env).boolean("ip-masq") == true);
  CHECK(options({"sh", "-c", "exec flanneld ${OPTIONS}"}, env).boolean("ip-masq") == true);
}

TEST_CASE("flanneld is found in a command") {
  const auto [command, found] = GENERATE(table<std::vector<std::string>, bool>({
      {{"/opt/bin/flanneld", "--ip-masq"}, true},
      {{"flanneld"}, true},
      {{"/bin/sh", "-c", "exec /opt/bin/flanneld"}, true},
      {{"cp", "-f", "/flannel", "/opt/cni/bin/flannel"}, false},
      {{"/opt/bin/flanneld-wrapper"}, false},
      {{"sh", "-c", "until pgrep -x flanneld; do sleep 1; done"}, false},
      {{"sh", "-x", "/opt/bin/flanneld"}, true},
      {{"sh", "-c", "until pidof flanneld; do sleep 1; done"}, false},
      {{"cp", "/opt/bin/flanneld", "/host/bin"}, false},
      {std::vector<std::string>{}, false},
  }));
  CHECK(options(command).runs_flanneld() == found);
}
