#include "kube/watch_machine.h"

#include <catch2/catch.hpp>

using namespace kube;
using base::Error;
using base::ErrorKind;
using Kind = WatchEvent::Kind;
using Kinds = std::vector<Kind>;

namespace {

constexpr base::Duration kLong = std::chrono::minutes(5);

json::Document parse(const std::string& text) { return json::Document::parse(text).value(); }

json::Document object(const std::string& name, int version) {
  return parse(R"({"metadata":{"name":")" + name + R"(","resourceVersion":")" +
               std::to_string(version) + R"("}})");
}

Kinds kinds(const WatchEvents& events) {
  Kinds found;
  for (const WatchEvent& event : events) found.push_back(event.kind);
  return found;
}

Kinds line(WatchMachine& machine, const std::string& type, int version) {
  json::Document text;
  text.set_string("/type", type);
  text.set("/object", object("x", version).root());
  return kinds(machine.line(text.root()));
}

Kinds error_line(WatchMachine& machine, int code) {
  json::Document text;
  text.set_string("/type", "ERROR");
  text.set_string("/object/kind", "Status");
  text.set_integer("/object/code", code);
  return kinds(machine.line(text.root()));
}

base::Duration delay_of(const WatchMachine& machine) {
  return std::get<Wait>(machine.next()).delay;
}

// Listed and watching from version 5.
WatchMachine watching(WatchMode mode = WatchMode::Full) {
  WatchMachine machine(mode);
  machine.page({"5", ""});
  return machine;
}

}  // namespace

TEST_CASE("everything is listed page by page and then watched from the list's version") {
  WatchMachine machine(WatchMode::Full);
  const auto node = object("a", 1);
  CHECK(machine.next() == WatchCommand(FetchPage{}));
  CHECK(kinds(machine.item(node.root())) == Kinds{Kind::Restarted, Kind::Applied});
  CHECK(kinds(machine.item(node.root())) == Kinds{Kind::Applied});
  CHECK(machine.page({"4", "more"}).empty());
  CHECK(machine.next() == WatchCommand(FetchPage{"more"}));
  CHECK(kinds(machine.item(node.root())) == Kinds{Kind::Applied});
  CHECK(kinds(machine.page({"5", ""})) == Kinds{Kind::Synced});
  CHECK(machine.next() == WatchCommand(StartWatch{"5"}));
}

TEST_CASE("an empty list is still a restart and a sync") {
  WatchMachine machine(WatchMode::Full);
  CHECK(kinds(machine.page({"5", ""})) == Kinds{Kind::Restarted, Kind::Synced});
}

TEST_CASE("a machine that starts from now reads one version and lists nothing") {
  WatchMachine machine(WatchMode::FromNow);
  CHECK(machine.next() == WatchCommand(FetchVersion{}));
  CHECK(kinds(machine.page({"5", "there is more"})) == Kinds{Kind::Restarted, Kind::Synced});
  CHECK(machine.next() == WatchCommand(StartWatch{"5"}));
  CHECK(error_line(machine, 410) == Kinds{Kind::Failed});
  machine.waited();
  CHECK(machine.next() == WatchCommand(FetchVersion{}));
  CHECK(kinds(machine.page({"9", ""})) == Kinds{Kind::Restarted, Kind::Synced});
}

TEST_CASE("lines become events and move the version on") {
  WatchMachine machine = watching();
  CHECK(line(machine, "ADDED", 6) == Kinds{Kind::Applied});
  CHECK(line(machine, "MODIFIED", 7) == Kinds{Kind::Applied});
  CHECK(line(machine, "DELETED", 8) == Kinds{Kind::Deleted});
  CHECK(line(machine, "BOOKMARK", 9) == Kinds{Kind::Progressed});
  CHECK(line(machine, "INVENTED", 10).empty());
  CHECK(machine.next() == WatchCommand(StartWatch{"10"}));
}

TEST_CASE("an event of a watch says of which version it is") {
  WatchMachine machine = watching();
  const std::string type = GENERATE(as<std::string>(), "ADDED", "MODIFIED", "DELETED", "BOOKMARK");
  json::Document text;
  text.set_string("/type", type);
  text.set("/object", object("x", 6).root());
  CHECK(machine.line(text.root()).at(0).version == "6");
}

TEST_CASE("a bookmark without a version says nothing") {
  WatchMachine machine = watching();
  const auto bookmark = parse(R"({"type":"BOOKMARK","object":{"metadata":{}}})");
  CHECK(machine.line(bookmark.root()).empty());
}

TEST_CASE("a watch that ended goes on from the last version at once") {
  WatchMachine machine = watching();
  line(machine, "BOOKMARK", 9);
  CHECK(machine.stream_ended(kLong).empty());
  CHECK(machine.next() == WatchCommand(StartWatch{"9"}));
}

TEST_CASE("a watch that ends early does not spin") {
  WatchMachine machine = watching();
  base::Duration last(0);
  SECTION("without a line, or with a bookmark that moves nothing on, delays grow") {
    const std::string version =
        GENERATE(as<std::string>(), R"("name":"")", R"("resourceVersion":"5")");
    for (int i = 0; i < 4; ++i) {
      const auto bookmark = parse(R"({"type":"BOOKMARK","object":{"metadata":{)" + version + "}}}");
      if (i % 2 == 0) machine.line(bookmark.root());
      CHECK(machine.stream_ended(base::Duration(0)).empty());
      CHECK(delay_of(machine) > last);
      last = delay_of(machine);
      machine.waited();
      CHECK(machine.next() == WatchCommand(StartWatch{"5"}));
    }
  }
  SECTION("with a newer version the shortest delay counts from its beginning") {
    for (int version = 6; version < 20; ++version) {
      line(machine, "BOOKMARK", version);
      machine.stream_ended(base::Duration(50));
      CHECK(delay_of(machine) == base::Duration(150));
      machine.waited();
    }
  }
}

TEST_CASE("watches that come to nothing lead to a list after five of them") {
  const int way = GENERATE(0, 1, 2, 3);
  WatchMachine machine = watching();
  for (int round = 0; round < 3; ++round) {
    CAPTURE(way, round);
    for (int i = 0; i < 5; ++i) {
      CHECK(machine.next() == WatchCommand(StartWatch{"5"}));
      if (way == 0) machine.stream_failed({ErrorKind::Unavailable, "no"});
      if (way == 1) machine.stream_ended(base::Duration(0));
      if (way == 2) machine.stream_ended(kLong);
      if (way == 3) error_line(machine, 500);
      machine.waited();
    }
    CHECK(machine.next() == WatchCommand(FetchPage{}));
    machine.page({"5", ""});
  }
  // A list that succeeds does not make the watch a good one.
  machine.stream_failed({ErrorKind::Unavailable, "no"});
  CHECK(delay_of(machine) > std::chrono::seconds(way == 2 ? 0 : 10));
}

TEST_CASE("a silence of minutes is no failure of a watch") {
  WatchMachine machine = watching();
  for (int i = 0; i < 4; ++i) {
    machine.stream_ended(kLong);
    CHECK(machine.next() == WatchCommand(StartWatch{"5"}));
  }
  machine.stream_failed({ErrorKind::Timeout, "no"});
  CHECK(delay_of(machine) <= base::Duration(200));
}

TEST_CASE("a newer version ends the count of watches that came to nothing") {
  WatchMachine machine = watching();
  for (int version = 6; version < 20; ++version) {
    machine.stream_failed({ErrorKind::Unavailable, "no"});
    machine.waited();
    CHECK(machine.next() == WatchCommand(StartWatch{std::to_string(version - 1)}));
    line(machine, "MODIFIED", version);
  }
}

TEST_CASE("a broken watch is told and goes on from the last version after a delay") {
  WatchMachine machine = watching();
  line(machine, "MODIFIED", 7);
  const auto events = machine.stream_failed({ErrorKind::Unavailable, "broke"});
  REQUIRE(kinds(events) == Kinds{Kind::Failed});
  CHECK(events[0].error.message == "broke");
  CHECK(delay_of(machine) <= base::Duration(200));
  machine.waited();
  CHECK(machine.next() == WatchCommand(StartWatch{"7"}));
}

TEST_CASE("a version that the server refuses, or a malformed line, means listing again") {
  WatchMachine machine = watching();
  const int way = GENERATE(0, 1, 2, 3, 4, 5, 6);
  CAPTURE(way);
  if (way == 0) error_line(machine, 410);
  if (way == 1) machine.stream_failed({ErrorKind::Gone, "too old"});
  if (way == 2) machine.line(parse(R"({"type":"ADDED"})").root());
  if (way == 3) error_line(machine, 400);
  if (way == 4) machine.stream_failed({ErrorKind::Invalid, "invalid resource version"});
  if (way == 5) {
    machine.line(parse(R"({"type":"ERROR","object":{"kind":"Status","code":504,"reason":"Timeout",
                           "message":"Too large resource version: 5, current: 3"}})")
                     .root());
  }
  if (way == 6) CHECK(line(machine, "BOOKMARK", 4) == Kinds{Kind::Failed});
  CHECK(delay_of(machine) > base::Duration(0));
  machine.waited();
  CHECK(machine.next() == WatchCommand(FetchPage{}));
  CHECK(kinds(machine.item(object("a", 1).root())) == Kinds{Kind::Restarted, Kind::Applied});
}

TEST_CASE("another error line does not throw the version away") {
  WatchMachine machine = watching();
  CHECK(error_line(machine, 500) == Kinds{Kind::Failed});
  machine.waited();
  CHECK(machine.next() == WatchCommand(StartWatch{"5"}));
}

TEST_CASE("lists that keep being outdated, or may not be followed, wait longer and longer") {
  WatchMachine machine = watching();
  const auto why = GENERATE(ErrorKind::Gone, ErrorKind::Forbidden);
  base::Duration last(0);
  for (int i = 0; i < 4; ++i) {
    machine.stream_failed({why, ""});
    CHECK(delay_of(machine) > last);
    last = delay_of(machine);
    machine.waited();
    machine.page({"5", ""});
  }
  line(machine, "BOOKMARK", 9);
  machine.stream_failed({ErrorKind::Gone, ""});
  CHECK(delay_of(machine) <= base::Duration(200));
}

TEST_CASE("a list that fails begins again from its first page") {
  WatchMachine machine(WatchMode::Full);
  machine.item(object("a", 1).root());
  machine.page({"4", "more"});
  const ErrorKind kind = GENERATE(ErrorKind::Gone, ErrorKind::Unavailable, ErrorKind::Protocol);
  CHECK(kinds(machine.page_failed({kind, "x"})) == Kinds{Kind::Failed});
  machine.waited();
  CHECK(machine.next() == WatchCommand(FetchPage{}));
  CHECK(kinds(machine.page({"5", ""})) == Kinds{Kind::Restarted, Kind::Synced});
}

TEST_CASE("a kind is lost when ten lists in a row have failed, and found by the next one") {
  auto machine = watching();
  machine.stream_failed({ErrorKind::Gone, "too old"});
  const auto fails = [&machine] {
    machine.waited();
    return machine.page_failed({ErrorKind::Unavailable, "no"}).at(0).lost;
  };
  for (int i = 0; i < 9; ++i) CHECK_FALSE(fails());
  CHECK(fails());
  CHECK(fails());
  machine.waited();
  machine.page({"9", ""});
  machine.stream_failed({ErrorKind::Gone, "too old"});
  CHECK_FALSE(fails());
}

TEST_CASE("while the server is away nothing that is known becomes void") {
  WatchMachine machine = watching();
  machine.stream_failed({ErrorKind::Gone, ""});
  machine.waited();
  for (int i = 0; i < 10; ++i) {
    CHECK(kinds(machine.page_failed({ErrorKind::Unavailable, ""})) == Kinds{Kind::Failed});
    CHECK(delay_of(machine) <= base::BackoffPolicy().cap);
    machine.waited();
  }
  machine.page({"5", ""});
  line(machine, "MODIFIED", 6);
  machine.stream_failed({ErrorKind::Unavailable, ""});
  CHECK(delay_of(machine) <= base::Duration(200));
}

TEST_CASE("a kind that is not served is told once and asked for at least every ten seconds") {
  WatchMachine machine(WatchMode::Full);
  CHECK(kinds(machine.page_failed({ErrorKind::NotFound, ""})) == Kinds{Kind::NotServed});
  for (int i = 0; i < 10; ++i) {
    machine.waited();
    CHECK(machine.page_failed({ErrorKind::NotFound, ""}).empty());
    CHECK(delay_of(machine) <= std::chrono::seconds(10));
  }
  machine.waited();
  CHECK(kinds(machine.page({"5", ""})) == Kinds{Kind::Restarted, Kind::Synced});
}

TEST_CASE("a watch of a kind that cannot be found asks by a list whether it is served") {
  WatchMachine machine = watching();
  const auto why = GENERATE(ErrorKind::NotFound, ErrorKind::Protocol);
  CHECK(kinds(machine.stream_failed({why, ""})) == Kinds{Kind::Failed});
  machine.waited();
  CHECK(machine.next() == WatchCommand(FetchPage{}));
  CHECK(kinds(machine.page_failed({ErrorKind::NotFound, ""})) == Kinds{Kind::NotServed});
}

TEST_CASE("a list that leads back to itself fails, and is tried again later and later") {
  WatchMachine machine(WatchMode::Full);
  base::Duration last(0);
  for (int i = 0; i < 4; ++i) {
    machine.page({"4", "a"});
    machine.page({"4", "b"});
    CHECK(kinds(machine.page({"4", "a"})) == Kinds{Kind::Failed});
    CHECK(delay_of(machine) > last);
    last = delay_of(machine);
    machine.waited();
    CHECK(machine.next() == WatchCommand(FetchPage{}));
  }
  machine.page({"4", "a"});
  CHECK(kinds(machine.page({"5", ""})) == Kinds{Kind::Synced});
}

TEST_CASE("a list without an end fails") {
  WatchMachine machine(WatchMode::Full);
  int pages = 0;
  while (std::holds_alternative<FetchPage>(machine.next()) && pages < 5'000) {
    machine.page({"4", std::to_string(++pages)});
  }
  CHECK(pages == 2'000);
  CHECK(delay_of(machine) > base::Duration(0));
}

TEST_CASE("a wait is as long as the server asks for") {
  WatchMachine machine(WatchMode::Full);
  const base::Error busy{ErrorKind::Throttled, "busy", std::chrono::seconds(30)};
  machine.page_failed(busy);
  CHECK(delay_of(machine) == std::chrono::seconds(30));
  machine.waited();
  machine.page({"5", ""});
  machine.stream_failed(busy);
  CHECK(delay_of(machine) == std::chrono::seconds(30));
}

TEST_CASE("a list whose version went back is made once more, as a new epoch") {
  WatchMachine machine = watching();
  line(machine, "MODIFIED", 1000);
  machine.stream_failed({ErrorKind::Gone, "too large"});
  machine.waited();
  machine.item(object("a", 70).root());
  CHECK(machine.page({"90", ""}).empty());
  CHECK(machine.next() == WatchCommand(FetchPage{}));
  const auto begun = machine.item(object("a", 70).root());
  REQUIRE(kinds(begun) == Kinds{Kind::Restarted, Kind::Applied});
  CHECK(begun[0].new_epoch);
  SECTION("which ends with the list") {
    CHECK(kinds(machine.page({"91", ""})) == Kinds{Kind::Synced});
    CHECK(machine.next() == WatchCommand(StartWatch{"91"}));
  }
  SECTION("which lasts until a list is complete") {
    machine.page({"91", "more"});
    machine.page_failed({ErrorKind::Unavailable, ""});
    machine.waited();
    CHECK(machine.page({"92", ""})[0].new_epoch);
  }
  machine.stream_failed({ErrorKind::Gone, ""});
  machine.waited();
  CHECK_FALSE(machine.page({"95", ""})[0].new_epoch);
}

TEST_CASE("a machine that starts from now begins a new epoch with the version that went back") {
  WatchMachine machine = watching(WatchMode::FromNow);
  machine.stream_failed({ErrorKind::Gone, ""});
  machine.waited();
  const auto events = machine.page({"3", ""});
  REQUIRE(kinds(events) == Kinds{Kind::Restarted, Kind::Synced});
  CHECK(events[0].new_epoch);
  CHECK(machine.next() == WatchCommand(StartWatch{"3"}));
}
