#include "kube/kubeconfig.h"

#include <catch2/catch.hpp>

#include <map>

using namespace kube;

namespace {

std::string config_with(const std::string& cluster, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: one\n"
         "contexts:\n- name: one\n  context: {cluster: c, user: u, namespace: ns}\n"
         "- name: lost\n  context: {cluster: nope, user: u}\n"
         "clusters:\n- name: c\n  cluster: " +
         cluster + "\nusers:\n- name: u\n  user: " + user + "\n";
}

base::Result<ClientConfig> parse(const std::string& text, const std::string& context = "") {
  const std::map<std::string, std::string> files{{"/etc/k/ca.pem", "CA"}, {"/abs/key", "KEY"}};
  return parse_kubeconfig(text, "/etc/k/config", context,
                          [&](const std::string& path) -> base::Result<std::string> {
                            if (const auto file = files.find(path); file != files.end()) {
                              return file->second;
                            }
                            return base::fail(base::ErrorKind::NotFound, path + " does not exist");
                          });
}

}  // namespace

TEST_CASE("a kubeconfig names the server and the credentials") {
  const auto config = parse(config_with(
      "{server: 'https://[::1]:6443', certificate-authority: ca.pem, tls-server-name: k}",
      "{client-certificate-data: Q0VSVA==, client-certificate: unused, client-key: /abs/key}"));
  REQUIRE(config);
  CHECK(config->server == "https://[::1]:6443");
  CHECK(config->ca_pem == "CA");
  CHECK(config->tls_server_name == "k");
  CHECK(config->client_certificate_pem == "CERT");
  CHECK(config->client_key_pem == "KEY");
  CHECK(config->default_namespace == "ns");
}

TEST_CASE("a token may be in the kubeconfig or in a file beside it") {
  const std::string cluster = "{server: 'https://h', certificate-authority-data: Q0E=}";
  CHECK(parse(config_with(cluster, "{token: t}"))->token == "t");
  CHECK(parse(config_with(cluster, "{tokenFile: sub/t}"))->token_file == "/etc/k/sub/t");
  CHECK(parse(config_with(cluster, "{}"))->token.empty());
}

TEST_CASE("what is refused is named together with what to do instead") {
  const auto [cluster, user, part] = GENERATE(table<std::string, std::string, std::string>({
      {"{server: 'https://h'}", "{exec: {command: aws}}", "kubectl create token"},
      {"{server: 'https://h'}", "{auth-provider: {name: gcp}}", "kubectl create token"},
      {"{server: 'https://h'}", "{username: a, password: secret}", "kubectl create token"},
      {"{server: 'https://h', insecure-skip-tls-verify: true}", "{}", "certificate-authority"},
      {"{server: 'https://h', proxy-url: 'http://p'}", "{}", "proxies are not supported"},
      {"{server: 'http://10.0.0.1'}", "{}", "loopback"},
      {"{server: 'https://h', certificate-authority: gone.pem}", "{}", "gone.pem"},
      {"{server: 'https://h', certificate-authority-data: '!!'}", "{}", "base64"},
  }));
  CAPTURE(cluster, user);
  const auto config = parse(config_with(cluster, user));
  REQUIRE_FALSE(config);
  CHECK(config.error().kind == base::ErrorKind::Invalid);
  CHECK(config.error().message.find(part) != std::string::npos);
  CHECK(config.error().message.find("/etc/k/config") != std::string::npos);
  CHECK(config.error().message.find("secret") == std::string::npos);
}

TEST_CASE("a file that does not hang together is refused") {
  const std::string text =
      GENERATE("", "- a", "a: [", "contexts: {a: b}", "current-context: x", "just text",
               "current-context: one\ncontexts:\n- name: one\n  context: 7\n");
  CAPTURE(text);
  CHECK_FALSE(parse(text));
}

TEST_CASE("a kubeconfig that grows beyond its text is refused, unquoted") {
  const auto [text, reason] = GENERATE(table<std::string, std::string>({
      {"users: &secret [*secret]\n", "alias"},
      {"secret: " + std::string(1000, '[') + std::string(1000, ']'), "nested"},
      {"secret: 1\nsecret: 2\n", "twice"},
      {"secret: *secret\n", "line 1"},
      {"a: 1\n--- \nsecret: 2\n", "document"},
  }));
  const auto config = parse(text);
  REQUIRE_FALSE(config);
  CHECK(config.error().kind == base::ErrorKind::Invalid);
  CHECK_THAT(config.error().message, Catch::Contains("kubeconfig /etc/k/config: ") &&
                                         Catch::Contains(reason) && !Catch::Contains("secret"));
}

TEST_CASE("plain values of a kubeconfig are texts as they stand") {
  const auto config = parse(
      "current-context: 010\ncontexts:\n- name: 010\n  context: {cluster: true, user: 1}\n"
      "clusters:\n- name: true\n  cluster: {server: 'https://h'}\n"
      "users:\n- name: 1\n  user: {token: 0x10}\n- name: 2\n  user:\n");
  REQUIRE(config);
  CHECK(config->token == "0x10");
}

TEST_CASE("a token of a kubeconfig that would break its header is refused, unquoted") {
  for (const char* token : {"\"a\\r\\nX-Remote-User: admin\"", "\"a\\n\"", "\"a b\"", "\"a\\0\"",
                            "\"a\\e\"", "\"\\u00e4\""}) {
    CAPTURE(token);
    const auto config =
        parse(config_with("{server: 'https://h'}", std::string("{token: ") + token + "}"));
    REQUIRE_FALSE(config);
    CHECK(config.error().kind == base::ErrorKind::Invalid);
    CHECK_THAT(config.error().message, Catch::Contains("user \"u\": token") &&
                                           !Catch::Contains("admin") && !Catch::Contains("a b"));
  }
}

TEST_CASE("a context can be chosen and must exist with all its parts") {
  const std::string text = config_with("{server: 'https://h'}", "{}");
  CHECK(parse(text, "one"));
  CHECK(parse(text, "two").error().message.find("no context named \"two\"") != std::string::npos);
  CHECK(parse(text, "lost").error().message.find("no cluster named \"nope\"") != std::string::npos);
}

TEST_CASE("the files to try are the named one, those of the environment, or the home's") {
  CHECK(kubeconfig_candidates({"/a", "", "/b", "/home"}) == std::vector<std::string>{"/a"});
  CHECK(kubeconfig_candidates({"", "", "/b::/c", "/home"}) == std::vector<std::string>{"/b", "/c"});
  CHECK(kubeconfig_candidates({"", "", "", "/home"}) ==
        std::vector<std::string>{"/home/.kube/config"});
  const auto none = load_kubeconfig({"/nonexistent/kubeconfig", "", "", ""});
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == base::ErrorKind::NotFound);
}
