#include "base/plural.h"

#include <catch2/catch.hpp>

TEST_CASE("one thing is no plural") {
  CHECK(base::counted(0, "node") == "0 nodes");
  CHECK(base::counted(1, "node") == "1 node");
  CHECK(base::counted(2, "pod") == "2 pods");
}
