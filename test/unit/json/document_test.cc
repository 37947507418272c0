#include "json/value.h"

#include <catch2/catch.hpp>

using json::Document;
using json::View;

namespace {
Document parse(const std::string& text) { return Document::parse(text).value(); }
std::string repeated(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}
}  // namespace

TEST_CASE("a view of something absent answers with the default") {
  const Document document = parse(R"({"a":{"b":1},"n":null,"l":[null,2],"s":"x"})");
  CHECK_FALSE(document["nope"]["deeper"].exists());
  CHECK_FALSE(document["n"].exists());
  CHECK_FALSE(document["l"].at(0).exists());
  CHECK_FALSE(document["l"].at(9).exists());
  CHECK(document["s"].integer(7) == 7);
  CHECK(document["a"].string("none") == "none");
  CHECK(document["a"]["b"].integer() == 1);
  CHECK(document["l"].at(1).number() == 2);
  CHECK(document["nope"].items().empty());
  CHECK(document["nope"].dump() == "null");
}

TEST_CASE("64-bit integers are kept exactly") {
  const Document document = parse(R"({"a":9223372036854775807,"b":-9223372036854775808,
                                      "c":18446744073709551615,"d":1.5})");
  CHECK(document["a"].integer() == INT64_MAX);
  CHECK(document["b"].integer() == INT64_MIN);
  CHECK_FALSE(document["c"].maybe_integer());
  CHECK_FALSE(document["d"].maybe_integer());
  CHECK(document.dump() ==
        R"({"a":9223372036854775807,"b":-9223372036854775808,"c":18446744073709551615,"d":1.5})");
}

TEST_CASE("maps and lists of strings leave other types out") {
  const Document document = parse(R"({"m":{"a":"1","b":2},"l":["x",1,"y"]})");
  CHECK(document["m"].string_map() == json::StringMap{{"a", "1"}});
  CHECK(document["l"].strings() == std::vector<std::string>{"x", "y"});
  CHECK(document["m"].size() == 2);
  CHECK(document["m"].members()[1].first == "b");
}

TEST_CASE("malformed JSON is refused with the place") {
  const std::string text = GENERATE("", "{", "{\"a\":}", "[1,]", "{} x", "nul", "\"\xff\"",
                                    "{\"a\" 1}", "\"\\ud800\"", "01");
  CAPTURE(text);
  const auto document = Document::parse(text);
  REQUIRE_FALSE(document);
  CHECK(document.error().kind == base::ErrorKind::Invalid);
  CHECK(document.error().message.find("byte") != std::string::npos);
}

TEST_CASE("a NUL behind the document is refused") {
  CHECK_FALSE(Document::parse(std::string_view("{}\0{", 4)));
}

TEST_CASE("nesting is accepted up to 512 levels") {
  CHECK(Document::parse(repeated("[", 512) + repeated("]", 512)));
  const auto deep = Document::parse(repeated("[", 513) + repeated("]", 513));
  REQUIRE_FALSE(deep);
  CHECK(deep.error().message.find("nested too deeply") != std::string::npos);
  CHECK_FALSE(Document::parse(repeated("{\"a\":[", 1'000'000)));
}

TEST_CASE("writing by pointer creates the objects on the way") {
  Document document;
  document.set_string("/metadata/labels/a~1b", "x");
  document.set_integer("/data/3", 4);
  document.set_boolean("/spec/on", true);
  document.set_null("/spec/off");
  document.append_integer("/list", 1);
  document.append_null("/list");
  document.append_string("/list", "z");
  document.set_integer("/list/1", 2);
  document.set_object("/spec");
  CHECK(document.dump() == R"({"metadata":{"labels":{"a/b":"x"}},"data":{"3":4},)"
                           R"("spec":{"on":true,"off":null},"list":[1,2,"z"]})");
}

TEST_CASE("keys with special characters go through pointer_escape") {
  Document document;
  document.set_string("/m/" + json::pointer_escape("a/b~1"), "x");
  CHECK(document["m"]["a/b~1"].string() == "x");
}

TEST_CASE("a value can be copied within its own document") {
  Document document = parse(R"({"a":{"b":[1,"two"]}})");
  document.set("/c", document["a"]["b"]);
  document.append("/a/b", document["a"]);
  document.set_string("/a", document["c"].at(1).string_view());
  CHECK(document.dump() == R"({"a":"two","c":[1,"two"]})");
}

TEST_CASE("erasing takes members and elements and ignores what is not there") {
  Document document = parse(R"({"a":{"b":1,"c":2,"d":3},"l":[1,2,3]})");
  document.erase("/a/b");
  document.erase("/l/1");
  document.erase("/x/y");
  document.erase("/l/7");
  document.erase("");
  CHECK(document.dump() == R"({"a":{"c":2,"d":3},"l":[1,3]})");
}

TEST_CASE("documents are equal whatever the order of members") {
  CHECK(parse(R"({"a":1,"b":[1,2]})") == parse(R"({"b":[1,2],"a":1})"));
  CHECK_FALSE(parse(R"({"a":1})") == parse(R"({"a":"1"})"));
  CHECK(json::equal(View(), View()));
  CHECK_FALSE(json::equal(View(), parse("{}").root()));
}

TEST_CASE("a copy of a document lives on its own") {
  Document copy;
  {
    Document original = parse(R"({"a":"a string that is too long to be stored inline"})");
    copy = original;
    original.set_string("/a", "changed");
  }
  CHECK(copy["a"].string() == "a string that is too long to be stored inline");
}

TEST_CASE("a text of more values than an object has is refused") {
  std::string text = "[1";
  for (int i = 0; i < 1'000'000; ++i) text += ",1";
  const auto many = json::Document::parse(text + "]");
  REQUIRE_FALSE(many);
  CHECK(many.error().message.find("too many values") != std::string::npos);
}
