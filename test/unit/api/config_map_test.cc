#include "api/config_map.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using parsed::document;

TEST_CASE("a ConfigMap is written and read back") {
  api::ConfigMap map;
  map.meta.name = "m";
  map.meta.ns = "ns";
  map.meta.labels = {{"a", "b"}};
  map.data = {{"k", "line\n\"quoted\""}};
  const auto text = api::render(map);
  CHECK(document(text) ==
        document(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","namespace":"ns",
    "labels":{"a":"b"}},"data":{"k":"line\n\"quoted\""}})"));
  CHECK(api::parse_config_map(document(text).root()) == map);
}
