#include "migration/facts/journal.h"

#include "fakes/build/objects.h"

#include <catch2/catch.hpp>

using namespace migration;

namespace {

Journal full_journal() {
  Journal journal;
  journal.towards = Network::Flannel;
  journal.from = Network::Calico;
  journal.step = Step::Start;
  journal.since = build::at("2026-08-22T13:33:20Z");
  journal.attempt = 2;
  journal.tries = 3;
  journal.run = 17;
  journal.method = api::Method::Drain;
  journal.admin_cordon = true;
  journal.rolling_back = true;
  journal.needs_drain = true;
  journal.mixed = true;
  journal.refresh_before = build::at("2026-08-22T13:30:00Z");
  journal.error = "Verify: \"peer\" w2 is silent";
  return journal;
}

}  // namespace

TEST_CASE("a journal is read back as it was written") {
  const auto step =
      GENERATE(Step::Cordon, Step::Stop, Step::Start, Step::Refresh, Step::Done, Step::Failed);
  Journal journal = full_journal();
  journal.step = step;
  CHECK(parse_journal(render(journal)).value() == journal);
}

TEST_CASE("a plain journal is short") {
  Journal journal;
  journal.step = Step::Cordon;
  journal.since = build::at("2026-08-22T13:33:20Z");
  journal.run = 1;
  CHECK(
      render(journal) ==
      R"({"towards":"Calico","from":"Flannel","step":"Cordon","since":"2026-08-22T13:33:20Z","run":1})");
  CHECK(parse_journal(render(journal)).value() == journal);
}

TEST_CASE("a long error is cut") {
  Journal journal = full_journal();
  journal.error = std::string(5'000, 'x');
  CHECK(parse_journal(render(journal)).value().error == std::string(197, 'x') + "...");
  journal.error = std::string(196, 'x') + "\xc3\xa4" + std::string(5'000, 'x');
  CHECK(parse_journal(render(journal)).value().error == std::string(196, 'x') + "...");
}

TEST_CASE("a journal that somebody wrote is not believed") {
  const auto [text, why] = GENERATE(table<std::string, std::string>({
      {"", "JSON"},
      {"[]", "towards is neither"},
      {"{}", "towards is neither"},
      {R"({"towards":"Mars"})", "towards is neither"},
      {R"({"towards":7})", "towards is neither"},
      {R"({"towards":"Calico"})", "step is unknown"},
      {R"({"towards":"Calico","step":"Hand"})", "step is unknown"},
      {R"({"towards":"Calico","step":"Stop"})", "since is no"},
      {R"({"towards":"Calico","step":"Stop","since":"yesterday"})", "since is no"},
      {R"({"towards":"Calico","step":"Stop","since":"2026-08-22T13:33:20Z","run":-1})", "range"},
      {R"({"towards":"Calico","step":"Stop","since":"2026-08-22T13:33:20Z","tries":-1})", "range"},
      {R"({"towards":"Calico","step":"Stop","since":"2026-08-22T13:33:20Z","attempt":1000001})",
       "range"},
      {R"({"towards":"Calico","step":"Stop","since":"2026-08-22T13:33:20Z","refreshBefore":"x"})",
       "refreshBefore is no"},
  }));
  CAPTURE(text);
  const auto parsed = parse_journal(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().kind == base::ErrorKind::Invalid);
  if (why != "JSON") CHECK(parsed.error().message.find(why) != std::string::npos);
}

TEST_CASE("steps have the names of the side that is left and of the one that is entered") {
  const auto [step, to_calico, to_flannel] =
      GENERATE(table<Step, std::string_view, std::string_view>({
          {Step::Queued, "Queued", "Queued"},
          {Step::Cordon, "Cordon", "Cordon"},
          {Step::Drain, "Drain", "Drain"},
          {Step::Stop, "StopFlannel", "StopCalico"},
          {Step::Hand, "HandOver", "HandBack"},
          {Step::Start, "StartCalico", "StartFlannel"},
          {Step::Verify, "Verify", "Verify"},
          {Step::Uncordon, "Uncordon", "Uncordon"},
          {Step::Refresh, "Refresh", "Refresh"},
          {Step::Clean, "Clean", "Clean"},
          {Step::Soak, "Soak", "Soak"},
          {Step::Done, "Migrated", "Reverted"},
          {Step::Failed, "Failed", "Failed"},
      }));
  CHECK(step_name(step, Network::Calico, api::Method::HandOver) == to_calico);
  CHECK(step_name(step, Network::Flannel, api::Method::HandOver) == to_flannel);
}

TEST_CASE("with method Drain devices are cut over and back") {
  CHECK(step_name(Step::Hand, Network::Calico, api::Method::Drain) == "CutOver");
  CHECK(step_name(Step::Hand, Network::Flannel, api::Method::Drain) == "CutBack");
}

TEST_CASE("a node is out between Cordon and Uncordon") {
  const auto [step, out] = GENERATE(table<Step, bool>({
      {Step::Cordon, true},
      {Step::Stop, true},
      {Step::Start, true},
      {Step::Refresh, false},
      {Step::Done, false},
      {Step::Failed, false},
  }));
  Journal journal;
  journal.step = step;
  CHECK(journal.out() == out);
}

TEST_CASE("a journal tells whose DaemonSet its step has left on the node") {
  const auto [step, network] = GENERATE(table<Step, std::optional<Network>>({
      {Step::Queued, std::nullopt},
      {Step::Cordon, Network::Calico},
      {Step::Stop, Network::None},
      {Step::Start, Network::Flannel},
      {Step::Refresh, Network::Flannel},
      {Step::Done, Network::Flannel},
      {Step::Failed, Network::Calico},
  }));
  Journal journal = full_journal();
  journal.step = step;
  CHECK(journal.network() == network);
}
