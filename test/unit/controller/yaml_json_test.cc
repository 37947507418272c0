#include "controller/yaml_json.h"

#include <catch2/catch.hpp>

using controller::yaml_to_json;

TEST_CASE("a YAML value becomes the JSON value of YAML's core schema") {
  const std::pair<const char*, const char*> rows[] = {
      {"a: 1", R"({"a":1})"},
      {"a: -17", R"({"a":-17})"},
      {"a: 9223372036854775807", R"({"a":9223372036854775807})"},
      {"a: 9223372036854775808", R"({"a":"9223372036854775808"})"},
      {"a: 010", R"({"a":10})"},
      {"a: 0o10", R"({"a":8})"},
      {"a: 0x1F", R"({"a":31})"},
      {"a: +5", R"({"a":5})"},
      {"a: true", R"({"a":true})"},
      {"a: False", R"({"a":false})"},
      {"a: TRUE", R"({"a":true})"},
      {"a: yes", R"({"a":"yes"})"},
      {"a: on", R"({"a":"on"})"},
      {"a: tRue", R"({"a":"tRue"})"},
      {"a: null", R"({"a":null})"},
      {"a: ~", R"({"a":null})"},
      {"a:", R"({"a":null})"},
      {"a: \"1\"", R"({"a":"1"})"},
      {"a: '1'", R"({"a":"1"})"},
      {"a: 'true'", R"({"a":"true"})"},
      {"a: \"null\"", R"({"a":"null"})"},
      {"a: ''", R"({"a":""})"},
      {"a: !!str 5", R"({"a":"5"})"},
      {"a: |\n  12\n", "{\"a\":\"12\\n\"}"},
      {"a: 10%", R"({"a":"10%"})"},
      {"a: 5m", R"({"a":"5m"})"},
      {"a: 10.244.0.0/16", R"({"a":"10.244.0.0/16"})"},
      {"a: fd00::/64", R"({"a":"fd00::/64"})"},
      {"a: 1 2", R"({"a":"1 2"})"},
      {"a: \"q\\\"\\n\\u00e9\"", "{\"a\":\"q\\\"\\n\u00e9\"}"},
      {"1: x", R"({"1":"x"})"},
      {"a: [1, b, [true]]", R"({"a":[1,"b",[true]]})"},
      {"a: {b: {c: []}}", R"({"a":{"b":{"c":[]}}})"},
      {"a:\n- b: 1\n- 2\n", R"({"a":[{"b":1},2]})"},
      {"a: &x {b: 1}\nc: *x\n", R"({"a":{"b":1},"c":{"b":1}})"},
      {"# nothing\n---\na: 1\n", R"({"a":1})"},
      {R"({"a": [1, "1", false, null]})", R"({"a":[1,"1",false,null]})"},
  };
  for (const auto& [yaml, json] : rows) {
    CAPTURE(yaml);
    const auto document = yaml_to_json(yaml);
    REQUIRE(document);
    CHECK(document->dump() == json);
  }
}

TEST_CASE("bad YAML is told with line and column") {
  const std::pair<const char*, const char*> rows[] = {
      {"a: *nobody\n", "line 1"},       {"\ta: 1", "line 1"},
      {"a: {b: 1]", "line 1"},          {"a: 1\n[x]: 2\n", "line 2"},
      {"a: 1\nb: 2\na: 3\n", "line 3"}, {"a: 1\n---\nb: 2\n", "line 3"},
  };
  for (const auto& [yaml, where] : rows) {
    CAPTURE(yaml);
    const auto document = yaml_to_json(yaml);
    REQUIRE_FALSE(document);
    CHECK(document.error().kind == base::ErrorKind::Invalid);
    CHECK_THAT(document.error().message, Catch::StartsWith(where) && Catch::Contains("column"));
  }
}

TEST_CASE("a text without a document is null") {
  for (const char* text : {"", "# only a comment\n", "---\n", "---\n---\n"}) {
    const auto document = yaml_to_json(text);
    REQUIRE(document);
    CHECK_FALSE(document->root().exists());
  }
}
