#include "flannel/options.h"

#include <catch2/catch.hpp>

using flannel::Options;

namespace {

Options options(std::vector<std::string> command, api::StringMap env = {}) {
  return Options({"kube-flannel", "flannel", std::move(command), std::move(env)});
}

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

TEST_CASE("flanneld is found in a command") {
  const auto [command, found] = GENERATE(table<std::vector<std::string>, bool>({
      {{"/opt/bin/flanneld", "--ip-masq"}, true},
      {{"flanneld"}, true},
      {{"/bin/sh", "-c", "exec /opt/bin/flanneld"}, true},
      {{"cp", "-f", "/flannel", "/opt/cni/bin/flannel"}, false},
      {{"/opt/bin/flanneld-wrapper"}, false},
      {std::vector<std::string>{}, false},
  }));
  CHECK(options(command).runs_flanneld() == found);
}
