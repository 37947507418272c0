// What a kubelet may write about its own node: nothing of it holds the others up.
#include "api/names.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

// Its journal with one member changed; one of its own where it has none.
std::string spoiled(const api::Node& node, const std::string& member, const std::string& json) {
  const auto* text = node.meta.annotation(api::kStateAnnotation);
  auto document =
      json::Document::parse(
          text != nullptr ? *text
                          : R"({"towards":"Calico","from":"Flannel","step":"Refresh","run":1,)"
                            R"("since":"2026-08-22T12:00:00Z"})")
          .value();
  document.set("/" + member, json::Document::parse(json)->root());
  return document.dump();
}

// Patches of one node since then, and what the Events say.
struct Watched {
  int patches = 0;
  bool told = false;
};

void watch(Driver& driver, Watched& watched) {
  driver.done = [&watched](const migration::Action& action) {
    const auto* patch = std::get_if<migration::PatchNode>(&action);
    if (patch == nullptr || patch->node != "w001") return;
    ++watched.patches;
    if (patch->reason.starts_with("Journal")) watched.told = true;
  };
}

}  // namespace

TEST_CASE("a journal that cannot be true holds nothing up, at any step, and an Event tells of it") {
  const auto [member, value] = GENERATE(table<std::string, std::string>({
      {"run", "9223372036854775807"},
      {"run", "1000000001"},
      {"since", R"("9999-12-31T23:59:59Z")"},
      {"since", R"("0001-01-01T00:00:00Z")"},
      {"refreshBefore", R"("9999-12-31T23:59:59Z")"},
      {"step", R"("Dancing")"},
      {"attempt", "2147483647"},
  }));
  const auto wanted = GENERATE(api::Target::Calico, api::Target::Flannel);
  for (int steps = 8; steps < 50; steps += 2 * FM_STRIDE) {
    CAPTURE(member, value, static_cast<int>(wanted), steps);
    FakeCluster cluster(a_flannel_cluster(nodes(2)));
    cluster.create(a_migration());
    Driver driver(cluster);
    begin(cluster, driver, wanted);
    for (int i = 0; i < steps; ++i) driver.step();
    if (driver.phase() == api::Phase::Reverted) continue;
    // Where all are in service, the journals of those that rest are soon taken away, whatever they
    // say.
    const auto& counts = driver.status().nodes;
    const int there = wanted == api::Target::Calico ? counts.calico : counts.flannel;
    const bool rests = node(cluster, "w001").meta.label(api::kInProgressLabel) == nullptr;
    const bool arrived = there == 2 && rests;
    cluster.edit_node("w001", with_annotation(api::kStateAnnotation,
                                              spoiled(node(cluster, "w001"), member, value)));
    driver.rules.agents_may_cut = true;
    driver.rules.somebody_spoils_journals = true;
    cluster.world.turns_often = true;
    Watched watched;
    watch(driver, watched);
    const auto end = cluster.world.now + std::chrono::hours(1);
    expect_end(driver,
               wanted == api::Target::Calico ? api::Phase::Completed : api::Phase::Reverted);
    CHECK(cluster.world.now < end);
    CHECK(watched.patches < 30);
    CHECK((watched.told || arrived));
  }
}

TEST_CASE("the largest run number that is believed is not the last one") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.step();
  driver.run_until([&] { return journal_of(node(cluster, "w001")).has_value(); });
  cluster.edit_node("w001", with_annotation(api::kStateAnnotation,
                                            spoiled(node(cluster, "w001"), "run", "1000000000")));
  to_flannel(cluster);
  expect_end(driver, api::Phase::Reverted);
}

TEST_CASE("a node whose times are corrected is moved as before, and no pod of it is cut off") {
  for (int steps = 8; steps < 40; steps += FM_STRIDE) {
    CAPTURE(steps);
    FakeCluster cluster(a_flannel_cluster(nodes(2)));
    cluster.create(a_migration());
    Driver driver(cluster);
    for (int i = 0; i < steps; ++i) driver.step();
    if (!journal_of(node(cluster, "w001"))) continue;
    cluster.edit_node("w001",
                      with_annotation(api::kStateAnnotation, spoiled(node(cluster, "w001"), "since",
                                                                     R"("9999-12-31T23:59:59Z")")));
    expect_migrated(driver);
  }
}
