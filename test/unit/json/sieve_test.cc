#include "json/sieve.h"

#include "json/stream.h"
#include "unit/json/sieved.h"

#include <catch2/catch.hpp>

namespace {

const json::Keep kSome{"a", "b.c", "list.x", "e.f.g"};

}  // namespace

TEST_CASE("the members that are asked for stay and all others go") {
  const auto [text, kept] = GENERATE(table<std::string, std::string>({
      {R"({})", R"({})"},
      {R"({"a":1})", R"({"a":1})"},
      {R"({"z":1})", R"({})"},
      {R"({"z":1,"a":2,"y":[{"a":1}]})", R"({"a":2})"},
      {R"({"a":{"z":[1,{"y":"}"}]},"b":{"c":[1,2],"d":3}})",
       R"({"a":{"z":[1,{"y":"}"}]},"b":{"c":[1,2]}})"},
      {R"({"b":{"d":{"c":1},"c":{"d":1}}})", R"({"b":{"c":{"d":1}}})"},
      {R"({"list":[{"x":1,"y":2},{"y":3},{"y":4,"x":5}],"a":6})",
       R"({"list":[{"x":1},{},{"x":5}],"a":6})"},
      {R"({"list":[[1,2],{"x":1}],"a":1})", R"({"list":[null,{"x":1}],"a":1})"},
      {R"({"list":null,"b":"text","e":3})", R"({"list":null,"b":"text","e":3})"},
      {R"({"z":"\"},{","a":"\\\"}","y":"\\"})", R"({"a":"\\\"}"})"},
      {R"({"e":{"f":{"g":1,"h":2},"i":{"g":1}},"a":2})", R"({"e":{"f":{"g":1}},"a":2})"},
      {R"({"\u0061":1,"b":{}})", R"({"b":{}})"},
  }));
  CAPTURE(text);
  CHECK(json::sieved(kSome, text) == kept);
  CHECK(json::sieved(json::Keep(), text) == text);
}

TEST_CASE("a text that is malformed where it is kept stays malformed") {
  const std::string text = GENERATE(R"({"a":1)", R"({"a":1}})", R"({"a":1]})", R"({"a":1 2})",
                                    R"({"a")", R"({"a":})", R"([{"a":1})", "}", "]", R"({"a":"x)");
  CAPTURE(text);
  CHECK_FALSE(json::Document::parse(json::sieved(kSome, text)));
}

TEST_CASE("what is taken out of an item or a line takes no memory") {
  const json::Keep keep{"a"};
  std::string found;
  const auto note = [&](std::string_view text) -> base::Result<void> {
    found += text;
    return {};
  };
  json::ListSplitter list(note, 100, keep);
  json::LineSplitter lines(note, 100, keep);
  const std::string junk(1000, '1');
  const auto feed = [&](std::string_view text) { return list.feed(text).has_value(); };
  const auto feed_line = [&](std::string_view text) { return lines.feed(text).has_value(); };
  CHECK((feed(R"({"items":[{"z":[)") && feed_line(R"({"z":[)")));
  for (int i = 0; i < 100; ++i) CHECK((feed(junk) && feed_line(junk)));
  CHECK((feed(R"(],"a":1},{"a":2}]})") && list.finish()));
  CHECK(feed_line("],\"a\":3}\n{\"a\":4}\n"));
  CHECK(found == R"({"a":1}{"a":2}{"a":3}{"a":4})");
}
