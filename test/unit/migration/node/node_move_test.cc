#include "migration/node/node_move.h"

#include "api/names.h"
#include "migration/facts/journal_check.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

// Of a node whose journal and whose agents' pods say so.
std::uint64_t next_run_after(std::uint64_t journaled, const std::vector<std::string>& labels) {
  Journal journal;
  journal.since = start_time();
  journal.run = journaled;
  auto cluster = a_cluster_of(with_journal(journal));
  int number = 0;
  for (const auto& label : labels) {
    api::Pod pod;
    pod.meta.labels[std::string(api::kRunLabel)] = label;
    cluster.nodes.at("w1").agents["agent-" + std::to_string(++number)] = pod;
  }
  const Surveyed seen(cluster);
  return next_run(seen.node("w1"));
}

}  // namespace

TEST_CASE("the next run of a node lies behind its journal's and those of its agents") {
  CHECK(next_run_after(4, {}) == 5);
  CHECK(next_run_after(4, {"9", "7"}) == 10);
}

TEST_CASE("a run number that cannot be true is not counted on") {
  CHECK(next_run_after(4, {"18446744073709551615", "1000000001", "garbage"}) == 5);
}

TEST_CASE("behind the largest run number comes the least that no agent has") {
  CHECK(next_run_after(kMaxRun, {"1", "2", "4"}) == 3);
  CHECK(next_run_after(4, {"1000000000", "1"}) == 2);
}
