#include "migration/facts/config_map_parts.h"

#include <catch2/catch.hpp>

using namespace migration;

namespace {

constexpr std::size_t kSize = 10;

api::ConfigMap a_map(const std::string& small, const std::string& large) {
  api::ConfigMap map;
  map.meta.name = "saved";
  map.meta.ns = "ours";
  map.meta.labels["app"] = "x";
  map.data = {{"small", small}, {"large", large}};
  return map;
}

ConfigMaps stored(const std::vector<api::ConfigMap>& maps) {
  ConfigMaps all;
  for (const auto& map : maps) all[api::key_of(map.meta)] = map;
  return all;
}

const std::string kLarge = "0123456789abcdefghijklmno";  // two parts and a half

}  // namespace

TEST_CASE("a ConfigMap of small values is one") {
  const auto maps = split(a_map("a", "12345"), kSize);
  REQUIRE(maps.size() == 1);
  CHECK(maps.front() == a_map("a", "12345"));
  CHECK(part_names(maps.front()).empty());
}

TEST_CASE("a large value is in parts that are written before the map that names them") {
  const auto maps = split(a_map("a", kLarge), kSize);
  REQUIRE(maps.size() == 4);
  const auto& map = maps.back();
  CHECK(map.meta.name == "saved");
  CHECK(part_names(map) ==
        std::vector<std::string>{"saved-part-1", "saved-part-2", "saved-part-3"});
  for (const auto& one : maps) {
    CHECK(one.meta.ns == "ours");
    CHECK(one.meta.labels == map.meta.labels);
  }
  CHECK(maps.front().data.begin()->second == "0123456789");
  CHECK(join(map, stored(maps)).value() == a_map("a", kLarge));
}

TEST_CASE("several large values share the numbers") {
  const auto maps = split(a_map(kLarge + kLarge, kLarge), kSize);
  CHECK(maps.size() == 9);
  CHECK(join(maps.back(), stored(maps)).value() == a_map(kLarge + kLarge, kLarge));
}

TEST_CASE("no character is cut") {
  const std::string text = "12345678\u20ac\u20ac\u00e4";
  const auto maps = split(a_map("a", text), kSize);
  CHECK(maps.front().data.begin()->second == "12345678");
  CHECK(join(maps.back(), stored(maps)).value() == a_map("a", text));
}

TEST_CASE("a map with a part that is missing or was altered is not to be read") {
  const auto maps = split(a_map("a", kLarge), kSize);
  const api::ObjectKey second{"ours", "saved-part-2"};
  auto all = stored(maps);
  SECTION("missing") { all.erase(second); }
  SECTION("of another text") { all[second].data.begin()->second = "ABCDEFGHIJ"; }
  SECTION("empty") { all[second].data.clear(); }
  const auto whole = join(maps.back(), all);
  REQUIRE_FALSE(whole);
  CHECK(whole.error().message.find("saved-part-2") != std::string::npos);
  CHECK(whole.error().message.find("large") != std::string::npos);
}

TEST_CASE("what names no part is not an empty value") {
  auto map = split(a_map("a", kLarge), kSize).back();
  map.data["large"] = "in parts\n";
  CHECK_FALSE(join(map, {}));
}

TEST_CASE("only its own parts are a map's") {
  auto map = a_map("a", "in parts\nsomebody-elses 00\nsaved-part-17 00\nsaved-part-2");
  CHECK(part_names(map) == std::vector<std::string>{"saved-part-2"});
}
