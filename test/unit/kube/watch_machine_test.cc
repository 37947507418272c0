#include "kube/watch_machine.h"

#include <catch2/catch.hpp>

using namespace kube;
using base::Error;
using base::ErrorKind;
using Kind = WatchEvent::Kind;
using Kinds = std::vector<Kind>;

namespace {

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
  CHECK(line(machine, "BOOKMARK", 9).empty());
  CHECK(line(machine, "INVENTED", 10).empty());
  CHECK(machine.next() == WatchCommand(StartWatch{"10"}));
}

TEST_CASE("a watch that ended goes on from the last version at once") {
  WatchMachine machine = watching();
  line(machine, "BOOKMARK", 9);
  CHECK(machine.stream_ended().empty());
  CHECK(machine.next() == WatchCommand(StartWatch{"9"}));
}

TEST_CASE("a watch that ends without a word does not spin") {
  WatchMachine machine = watching();
  CHECK(machine.stream_ended().empty());
  const auto first = delay_of(machine);
  CHECK(first > base::Duration(0));
  machine.waited();
  CHECK(machine.next() == WatchCommand(StartWatch{"5"}));
  machine.stream_ended();
  CHECK(delay_of(machine) > first);
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

TEST_CASE("a version that is too old, or a malformed line, means listing again") {
  WatchMachine machine = watching();
  const int way = GENERATE(0, 1, 2);
  if (way == 0) error_line(machine, 410);
  if (way == 1) machine.stream_failed({ErrorKind::Gone, "too old"});
  if (way == 2) machine.line(parse(R"({"type":"ADDED"})").root());
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

TEST_CASE("while the server is away nothing that is known becomes void") {
  WatchMachine machine = watching();
  machine.stream_failed({ErrorKind::Gone, ""});
  machine.waited();
  for (int i = 0; i < 10; ++i) {
    CHECK(kinds(machine.page_failed({ErrorKind::Unavailable, ""})) == Kinds{Kind::Failed});
    CHECK(delay_of(machine) <= base::BackoffPolicy().cap);
    machine.waited();
  }
  CHECK(delay_of([&] {
          machine.page({"5", ""});
          machine.stream_failed({ErrorKind::Unavailable, ""});
          return machine;
        }()) <= base::Duration(200));
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
  CHECK(kinds(machine.stream_failed({ErrorKind::NotFound, ""})) == Kinds{Kind::NotServed});
}
