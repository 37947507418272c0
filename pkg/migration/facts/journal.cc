#include "migration/facts/journal.h"

#include "base/utf8.h"
#include "json/value.h"
#include "json/writer.h"

#include <array>
#include <utility>

namespace migration {
namespace {

constexpr std::size_t kMaxError = 200;

constexpr std::array kJournaled = {
    std::pair{Step::Queued, std::string_view("Queued")},
    std::pair{Step::Cordon, std::string_view("Cordon")},
    std::pair{Step::Stop, std::string_view("Stop")},
    std::pair{Step::Start, std::string_view("Start")},
    std::pair{Step::Refresh, std::string_view("Refresh")},
    std::pair{Step::Done, std::string_view("Done")},
    std::pair{Step::Failed, std::string_view("Failed")},
};

std::string_view journaled_name(Step step) {
  for (const auto& [known, name] : kJournaled) {
    if (known == step) return name;
  }
  return "Queued";
}

std::optional<Step> parse_step(std::string_view text) {
  for (const auto& [known, name] : kJournaled) {
    if (name == text) return known;
  }
  return std::nullopt;
}

void write_flags(const Journal& journal, json::Writer& w) {
  if (journal.method == api::Method::Drain) w.field("method", "Drain");
  if (journal.admin_cordon) w.key("adminCordon").boolean(true);
  if (journal.rolling_back) w.key("rollingBack").boolean(true);
  if (journal.needs_drain) w.key("needsDrain").boolean(true);
  if (journal.mixed) w.key("mixed").boolean(true);
  if (journal.refresh_before) w.field("refreshBefore", base::to_rfc3339(*journal.refresh_before));
  w.field_if("error", base::cut_utf8(journal.error, kMaxError));
}

base::Failure invalid(std::string_view what) {
  return base::fail(base::ErrorKind::Invalid, std::string(what));
}

void read_flags(const json::View& v, Journal& journal) {
  journal.method =
      v["method"].string_view() == "Drain" ? api::Method::Drain : api::Method::HandOver;
  journal.admin_cordon = v["adminCordon"].boolean();
  journal.rolling_back = v["rollingBack"].boolean();
  journal.needs_drain = v["needsDrain"].boolean();
  journal.mixed = v["mixed"].boolean();
  journal.error = base::cut_utf8(v["error"].string_view(), kMaxError);
}

base::Result<void> read_times(const json::View& v, Journal& journal) {
  auto since = base::parse_rfc3339(v["since"].string_view());
  if (!since) return invalid("since is no RFC 3339 time");
  journal.since = *since;
  if (!v["refreshBefore"].exists()) return {};
  auto before = base::parse_rfc3339(v["refreshBefore"].string_view());
  if (!before) return invalid("refreshBefore is no RFC 3339 time");
  journal.refresh_before = *before;
  return {};
}

base::Result<void> read_counters(const json::View& v, Journal& journal) {
  const auto attempt = v["attempt"].integer();
  const auto tries = v["tries"].integer();
  const auto run = v["run"].integer();
  if (attempt < 0 || attempt > 1'000'000 || tries < 0 || tries > 1'000'000 || run < 0) {
    return invalid("attempt, tries or run is out of range");
  }
  journal.attempt = static_cast<int>(attempt);
  journal.tries = static_cast<int>(tries);
  journal.run = static_cast<std::uint64_t>(run);
  return {};
}

}  // namespace

std::string_view step_name(Step step, Network towards, api::Method method) {
  const bool to_calico = towards == Network::Calico;
  const bool drain = method == api::Method::Drain;
  switch (step) {
    case Step::Queued:
      return "Queued";
    case Step::Cordon:
      return "Cordon";
    case Step::Drain:
      return "Drain";
    case Step::Stop:
      return to_calico ? "StopFlannel" : "StopCalico";
    case Step::Hand:
      if (drain) return to_calico ? "CutOver" : "CutBack";
      return to_calico ? "HandOver" : "HandBack";
    case Step::Start:
      return to_calico ? "StartCalico" : "StartFlannel";
    case Step::Verify:
      return "Verify";
    case Step::Uncordon:
      return "Uncordon";
    case Step::Refresh:
      return "Refresh";
    case Step::Clean:
      return "Clean";
    case Step::Soak:
      return "Soak";
    case Step::Done:
      return to_calico ? "Migrated" : "Reverted";
    case Step::Failed:
      return "Failed";
  }
  return "Queued";
}

std::optional<Network> Journal::network() const {
  switch (step) {
    case Step::Cordon:
      return from;
    case Step::Stop:
      return Network::None;
    case Step::Start:
    case Step::Refresh:
    case Step::Done:
      return towards;
    case Step::Failed:
      return other(towards);
    default:
      return std::nullopt;
  }
}

std::string render(const Journal& journal) {
  json::Writer w;
  w.object();
  w.field("towards", to_string(journal.towards)).field("from", to_string(journal.from));
  w.field("step", journaled_name(journal.step));
  w.field("since", base::to_rfc3339(journal.since));
  if (journal.attempt != 0) w.key("attempt").integer(journal.attempt);
  if (journal.tries != 0) w.key("tries").integer(journal.tries);
  w.key("run").integer(static_cast<std::int64_t>(journal.run));
  write_flags(journal, w);
  w.end();
  return w.text();
}

base::Result<Journal> parse_journal(std::string_view text) {
  auto document = json::Document::parse(text);
  if (!document) return base::Failure(document.error());
  const json::View v = document->root();
  Journal journal;
  const auto towards = v["towards"].string_view();
  if (towards != "Calico" && towards != "Flannel")
    return invalid("towards is neither Calico nor Flannel");
  journal.towards = towards == "Calico" ? Network::Calico : Network::Flannel;
  journal.from = v["from"].string_view() == "Calico" ? Network::Calico : Network::Flannel;
  const auto step = parse_step(v["step"].string_view());
  if (!step) return invalid("step is unknown");
  journal.step = *step;
  if (auto times = read_times(v, journal); !times) return base::Failure(times.error());
  if (auto counters = read_counters(v, journal); !counters) return base::Failure(counters.error());
  read_flags(v, journal);
  return journal;
}

}  // namespace migration
