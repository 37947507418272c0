#include "json/stream.h"

#include <catch2/catch.hpp>

namespace {

struct Split {
  std::vector<std::string> items;
  base::Result<json::Document> list;
};

Split split(std::string_view text, std::size_t chunk) {
  Split result;
  json::ListSplitter splitter([&](std::string_view item) -> base::Result<void> {
    result.items.emplace_back(item);
    return {};
  });
  for (std::size_t at = 0; at < text.size(); at += chunk) {
    if (auto fed = splitter.feed(text.substr(at, chunk)); !fed) {
      result.list = tl::unexpected(fed.error());
      return result;
    }
  }
  result.list = splitter.finish();
  return result;
}

}  // namespace

TEST_CASE("a list is taken apart wherever its bytes are cut") {
  const std::size_t chunk = GENERATE(1, 2, 3, 7, 1000);
  const auto result = split(
      R"({"kind":"NodeList","metadata":{"resourceVersion":"42","items":[1]},
          "items": [ {"a":"]}\"\\"}, {"items":[{"b":{}}]} ] , "x":"items","y":[{}]})",
      chunk);
  REQUIRE(result.list);
  CHECK(result.items == std::vector<std::string>{R"({"a":"]}\"\\"})", R"({"items":[{"b":{}}]})"});
  CHECK((*result.list)["metadata"]["resourceVersion"].string() == "42");
  CHECK((*result.list)["y"].size() == 1);
  CHECK_FALSE((*result.list)["items"].exists());
}

TEST_CASE("an empty list has no items") {
  const std::string text =
      GENERATE(R"({"items":[],"kind":"L"})", R"({"items":null,"kind":"L"})", R"({"kind":"L"})");
  const auto result = split(text, 4);
  REQUIRE(result.list);
  CHECK(result.items.empty());
  CHECK((*result.list)["kind"].string() == "L");
}

TEST_CASE("a list that is cut off or malformed is a protocol error") {
  const std::string text =
      GENERATE("", "{", R"({"items":[)", R"({"items":[{"a":1})", R"({"items":[{"a":1}])",
               R"({"items":["x"]})", R"({"items":[{}]} trailing)", R"({"kind":"x)", "]");
  CAPTURE(text);
  const auto result = split(text, 5);
  REQUIRE_FALSE(result.list);
  CHECK(result.list.error().kind == base::ErrorKind::Protocol);
}

TEST_CASE("an item that is too long is refused before it fills the memory") {
  json::ListSplitter splitter([](std::string_view) -> base::Result<void> { return {}; }, 100);
  REQUIRE(splitter.feed(R"({"items":[{"a":")"));
  const auto fed = splitter.feed(std::string(200, 'x'));
  REQUIRE_FALSE(fed);
  CHECK(fed.error().kind == base::ErrorKind::Protocol);
}

TEST_CASE("an error of the item callback ends the parse") {
  json::ListSplitter splitter([](std::string_view) -> base::Result<void> {
    return base::fail(base::ErrorKind::Cancelled, "stop");
  });
  CHECK(splitter.feed(R"({"items":[{},{}]})").error().kind == base::ErrorKind::Cancelled);
}

TEST_CASE("a watch is cut into lines wherever its bytes are cut") {
  const std::size_t chunk = GENERATE(1, 2, 5, 100);
  const std::string text = "{\"a\":1}\n\n{\"b\":2}\nrest";
  std::vector<std::string> lines;
  json::LineSplitter splitter([&](std::string_view line) -> base::Result<void> {
    lines.emplace_back(line);
    return {};
  });
  for (std::size_t at = 0; at < text.size(); at += chunk) {
    REQUIRE(splitter.feed(std::string_view(text).substr(at, chunk)));
  }
  CHECK(lines == std::vector<std::string>{"{\"a\":1}", "{\"b\":2}"});
}

TEST_CASE("a line that is too long is refused") {
  json::LineSplitter splitter([](std::string_view) -> base::Result<void> { return {}; }, 8);
  REQUIRE(splitter.feed("12345"));
  CHECK_FALSE(splitter.feed("67890"));
}

TEST_CASE("a list tells what came before its items while they come") {
  std::string seen;
  const json::ListSplitter* list = nullptr;
  json::ListSplitter splitter([&](std::string_view) -> base::Result<void> {
    seen += list->beginning().value().dump();
    return {};
  });
  list = &splitter;
  REQUIRE(splitter.feed(R"({"kind":"NodeList","items":[{"a":[1]},{}],"apiVersion":"v1"})"));
  CHECK(seen == R"({"kind":"NodeList","items":[]}{"kind":"NodeList","items":[]})");
}
