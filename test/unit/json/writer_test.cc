#include "json/writer.h"

#include <catch2/catch.hpp>

TEST_CASE("a writer makes compact JSON") {
  const auto document = json::Document::parse(R"({"x":[true]})").value();
  json::Writer writer;
  writer.object();
  writer.field("name", "w\"1").field_if("empty", "");
  writer.key("list").array().integer(-1).boolean(false).null().end();
  writer.key("labels").string_map({{"a", "1"}});
  writer.key("copy").value(document.root()).key("none").value(json::View());
  writer.end();
  CHECK(writer.text() == R"({"name":"w\"1","list":[-1,false,null],"labels":{"a":"1"},)"
                         R"("copy":{"x":[true]},"none":null})");
}
