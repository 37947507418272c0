#include "controller/cluster/recently_watched.h"

#include <catch2/catch.hpp>

#include <string>

using namespace controller;
using namespace std::chrono_literals;

namespace {

using Keys = std::set<api::ObjectKey>;

const RecentlyWatched::Time kBegin{};

api::ObjectKey map(int number) { return {"ns" + std::to_string(number), "calico-config"}; }

}  // namespace

TEST_CASE("a ConfigMap that matters is watched for as long as it does") {
  RecentlyWatched interests;
  for (int hour = 0; hour < 3; ++hour) {
    CHECK(interests.update({map(1)}, kBegin + std::chrono::hours(hour)) == Keys{map(1)});
    CHECK_FALSE(interests.any_kept());
  }
}

TEST_CASE("a ConfigMap that does not matter any more is watched for a while") {
  RecentlyWatched interests;
  interests.update({map(1), map(2)}, kBegin);
  CHECK(interests.update({map(2)}, kBegin + 1h) == Keys{map(1), map(2)});
  CHECK(interests.any_kept());
  CHECK(interests.update({map(2)}, kBegin + 1h + 4min) == Keys{map(1), map(2)});
  CHECK(interests.update({map(2)}, kBegin + 1h + 5min) == Keys{map(2)});
  CHECK_FALSE(interests.any_kept());
}

TEST_CASE("a ConfigMap that matters again is not ended by the time it did not") {
  RecentlyWatched interests;
  interests.update({map(1)}, kBegin);
  interests.update({}, kBegin);
  interests.update({map(1)}, kBegin + 4min);
  CHECK(interests.update({map(1)}, kBegin + 6min) == Keys{map(1)});
  CHECK(interests.update({}, kBegin + 7min) == Keys{map(1)});
  CHECK(interests.update({}, kBegin + 11min) == Keys{map(1)});
  CHECK(interests.update({}, kBegin + 12min).empty());
}

TEST_CASE("300 edits of what matters leave a bounded number of watches") {
  RecentlyWatched interests;
  Keys watched;
  for (int edit = 0; edit < 300; ++edit) {
    watched = interests.update({map(edit)}, kBegin + std::chrono::milliseconds(edit));
    CHECK(watched.size() <= 1 + kMostKept);
  }
  CHECK(watched.contains(map(299)));
  CHECK(watched.contains(map(298)));
  CHECK_FALSE(watched.contains(map(290)));
}
