#include "kube/in_cluster.h"

#include "fakes/temporary_folder.h"

#include <catch2/catch.hpp>

using namespace kube;

TEST_CASE("a pod finds the server, its token and its namespace") {
  const fakes::TemporaryFolder folder;
  folder.write("ca.crt", "CA");
  folder.write("token", "t");
  folder.write("namespace", "ours\n");
  const auto config = load_in_cluster({"10.96.0.1", "443", folder.path()});
  REQUIRE(config);
  CHECK(config->server == "https://10.96.0.1:443");
  CHECK(config->ca_pem == "CA");
  CHECK(config->token_file == folder.path() + "/token");
  CHECK(config->token.empty());
  CHECK(config->default_namespace == "ours");
  CHECK(load_in_cluster({"fd00::1", "6443", folder.path()})->server == "https://[fd00::1]:6443");
}

TEST_CASE("outside of a pod, or without a ServiceAccount, it says so") {
  const fakes::TemporaryFolder folder;
  CHECK(load_in_cluster({"", "", folder.path()}).error().kind == base::ErrorKind::NotFound);
  const auto bare = load_in_cluster({"10.96.0.1", "443", folder.path()});
  REQUIRE_FALSE(bare);
  CHECK(bare.error().kind == base::ErrorKind::Invalid);
  CHECK(bare.error().message.find("automountServiceAccountToken") != std::string::npos);
}
