#include "api/meta.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using parsed::document;

TEST_CASE("metadata is read as the API server sends it") {
  const auto object = document(
      R"({"metadata":{"name":"n","namespace":"ns","uid":"u","resourceVersion":"12","generation":3,
    "labels":{"a":"b","wrong":7},"annotations":{"c":"d","kubectl.kubernetes.io/last-applied-configuration":"{}"},
    "creationTimestamp":"2026-08-22T13:33:20Z","deletionTimestamp":"2026-08-22T13:33:21Z","finalizers":["f"],
    "ownerReferences":[{"kind":"Job","name":"j","uid":"ju"},{"kind":"DaemonSet","name":"d","uid":"du","controller":true}]}})");
  const auto meta = api::parse_meta(object.root());
  CHECK(api::key_of(meta).to_string() == "ns/n");
  CHECK(meta.uid == "u");
  CHECK(meta.resource_version == "12");
  CHECK(meta.generation == 3);
  CHECK(meta.labels == api::StringMap{{"a", "b"}});
  CHECK(meta.annotations == api::StringMap{{"c", "d"}});
  CHECK(meta.created == parsed::time("2026-08-22T13:33:20Z"));
  CHECK(meta.deleting == parsed::time("2026-08-22T13:33:21Z"));
  CHECK(meta.finalizers == std::vector<std::string>{"f"});
  REQUIRE(meta.controller());
  CHECK(meta.controller()->name == "d");
}

TEST_CASE("metadata of a wrong type reads as absent") {
  const std::string text =
      GENERATE("{}", "[]", "null", R"({"metadata":7})", R"({"metadata":{"labels":[],"name":null,
    "creationTimestamp":"yesterday","ownerReferences":{},"finalizers":"f","generation":"3"}})");
  CAPTURE(text);
  const auto meta = api::parse_meta(document(text).root());
  CHECK(meta == api::ObjectMeta{});
  CHECK(meta.controller() == nullptr);
  CHECK(meta.label("a") == nullptr);
}

TEST_CASE("resource versions are compared as numbers") {
  const auto [a, b, answer] = GENERATE(table<std::string, std::string, bool>({
      {"10", "9", true},
      {"9", "10", false},
      {"9", "9", true},
      {"009", "10", false},
      {"18446744073709551617", "18446744073709551616", true},
      {"18446744073709551616", "18446744073709551617", false},
      {"abc", "9", true},
      {"9", "abc", true},
      {"", "9", true},
      {"0", "", true},
      {"-1", "0", true},
  }));
  CAPTURE(a, b);
  CHECK(api::at_least_as_new(a, b) == answer);
}

TEST_CASE("a selector wants all of its labels") {
  const api::StringMap labels = {{"a", "1"}, {"b", "2"}};
  CHECK(api::selects({}, labels));
  CHECK(api::selects({{"a", "1"}}, labels));
  CHECK_FALSE(api::selects({{"a", "2"}}, labels));
  CHECK_FALSE(api::selects({{"a", "1"}, {"c", ""}}, labels));
  CHECK_FALSE(api::selects({{"a", "1"}}, {}));
}
