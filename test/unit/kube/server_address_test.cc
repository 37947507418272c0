#include "kube/server_address.h"

#include <catch2/catch.hpp>

using namespace kube;

TEST_CASE("a server's URL is taken apart") {
  const auto [url, address] = GENERATE(table<std::string, ServerAddress>({
      {"https://10.96.0.1:443", {Scheme::Https, "10.96.0.1", 443, ""}},
      {"https://api.example.org", {Scheme::Https, "api.example.org", 443, ""}},
      {"https://[::1]:6443", {Scheme::Https, "::1", 6443, ""}},
      {"https://[fd00::1]/", {Scheme::Https, "fd00::1", 443, ""}},
      {"https://h:8443/k8s/clusters/x/", {Scheme::Https, "h", 8443, "/k8s/clusters/x"}},
      {"http://127.0.0.1:8001", {Scheme::Http, "127.0.0.1", 8001, ""}},
      {"http://localhost", {Scheme::Http, "localhost", 80, ""}},
  }));
  CAPTURE(url);
  REQUIRE(parse_server_address(url));
  CHECK(*parse_server_address(url) == address);
}

TEST_CASE("a URL that is of no use, or not safe, is refused") {
  const auto url = GENERATE(values<std::string>({"",
                                                 "10.0.0.1:6443",
                                                 "ftp://x",
                                                 "https://",
                                                 "https://:443",
                                                 "https://h:0",
                                                 "https://h:65536",
                                                 "https://h:x",
                                                 "https://[::1",
                                                 "https://[x]:1",
                                                 "https://[::1]x",
                                                 "https://u@h",
                                                 "https://h?x=1",
                                                 "http://10.0.0.1:8080",
                                                 "http://[fd00::1]",
                                                 "https://h/a\r\nX-Remote-User: admin",
                                                 "https://h/a b",
                                                 "https://h/\x7f",
                                                 std::string("https://h/\0", 11),
                                                 "https://h/a?x=1",
                                                 "https://h/a#b",
                                                 "https://h\x01"}));
  CAPTURE(url);
  CHECK_FALSE(parse_server_address(url));
}

TEST_CASE("a password in a URL is not repeated in the error about it") {
  const std::string url = GENERATE("https://admin:secret@h", "admin:secret@h:6443",
                                   "https://admin:se/cret@h", "http://admin:secret@10.0.0.1");
  CAPTURE(url);
  const auto address = parse_server_address(url);
  REQUIRE_FALSE(address);
  CHECK(address.error().message.find("cret") == std::string::npos);
  CHECK(address.error().message.find("@") != std::string::npos);
}
