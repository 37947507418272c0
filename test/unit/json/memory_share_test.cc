#include "json/memory_share.h"

#include <catch2/catch.hpp>

using json::MemoryShare;

TEST_CASE("the shares of one budget are given back and small ones do not count") {
  constexpr std::size_t kLarge = 20u << 20;
  constexpr std::size_t kSmall = 64u << 10;
  MemoryShare one;
  {
    MemoryShare other;
    CHECK(other.cover(kLarge));
    CHECK_FALSE(one.cover(kLarge));
    CHECK(one.cover(kSmall));
    CHECK(other.cover(kLarge + 1));
    CHECK_FALSE(one.cover(kLarge));
  }
  CHECK(one.cover(kLarge));
  MemoryShare third;
  CHECK_FALSE(third.cover(kLarge));
  CHECK(one.cover(0));
  CHECK(third.cover(kLarge));
}
