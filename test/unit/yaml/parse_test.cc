#include "yaml/parse.h"

#include <catch2/catch.hpp>

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
      {"a: &x {b: 1}\n", R"({"a":{"b":1}})"},
      {"# nothing\n---\na: 1\n", R"({"a":1})"},
      {R"({"a": [1, "1", false, null]})", R"({"a":[1,"1",false,null]})"},
  };
  for (const auto& [yaml, json] : rows) {
    CAPTURE(yaml);
    const auto document = yaml::parse(yaml);
    REQUIRE(document);
    CHECK(document->dump() == json);
  }
}

TEST_CASE("bad YAML is told with line and column") {
  const std::pair<const char*, const char*> rows[] = {
      {"a: *nobody\n", "line 1"},          {"\ta: 1", "line 1"},
      {"a: &x {b: 1}\nc: *x\n", "line 2"}, {"a: {b: 1]", "line 1"},
      {"a: 1\n[x]: 2\n", "line 2"},        {"a: 1\nb: 2\na: 3\n", "line 3"},
      {"a: 1\n---\nb: 2\n", "line 3"},
  };
  for (const auto& [yaml, where] : rows) {
    CAPTURE(yaml);
    const auto document = yaml::parse(yaml);
    REQUIRE_FALSE(document);
    CHECK(document.error().kind == base::ErrorKind::Invalid);
    CHECK_THAT(document.error().message, Catch::StartsWith(where) && Catch::Contains("column"));
  }
}

TEST_CASE("a text without a document is null") {
  for (const char* text : {"", "# only a comment\n", "---\n", "---\n---\n"}) {
    const auto document = yaml::parse(text);
    REQUIRE(document);
    CHECK_FALSE(document->root().exists());
  }
}

namespace {

std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("YAML that grows beyond its text, or without bound, is refused") {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'm'; ++c) {
    const std::string below(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [*" + below;
    for (int i = 1; i < 8; ++i) bomb += ", *" + below;
    bomb += "]\n";
  }
  const int many = 150'000;
  const auto [name, text, reason] = GENERATE_COPY(table<std::string, std::string, std::string>({
      {"an alias that leads to itself", "a: &x [*x]\n", "alias"},
      {"an alias bomb", bomb, "alias"},
      {"sequences in sequences", "a: " + times(1000, "[") + times(1000, "]"), "nested"},
      {"mappings in mappings", "a: " + times(1000, "{a: ") + times(1000, "}"), "nested"},
      {"dashes in dashes", times(1000, "- "), "nested"},
      {"brackets without end", "a: " + times(many, "["), "line 1"},
      {"braces without end", "a: " + times(many, "{"), "line 1"},
      {"many values", "a: [" + times(many, "1,") + "1]", "values"},
      {"many documents", times(many, "---\n"), "values"},
      {"a long text", "a: " + std::string(5u << 20, 'x'), "MiB"},
  }));
  CAPTURE(name);
  const auto document = yaml::parse(text);
  REQUIRE_FALSE(document);
  CHECK(document.error().kind == base::ErrorKind::Invalid);
  CHECK_THAT(document.error().message, Catch::Contains(reason));
}
