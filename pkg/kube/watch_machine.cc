#include "kube/watch_machine.h"

#include "api/meta.h"
#include "kube/response.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kube {
namespace {

using base::ErrorKind;
using Kind = WatchEvent::Kind;

constexpr base::BackoffPolicy kNotServedPolicy{std::chrono::seconds(1), std::chrono::seconds(10)};

constexpr unsigned kMostInVain = 5;
// About two minutes with the usual delays: an API server that restarts is back before.
constexpr unsigned kListsUntilLost = 10;

WatchEvent failed(const base::Error& error) { return {.kind = Kind::Failed, .error = error}; }

// Errors that say nothing about the requested version. After any other error only a list helps: it
// does not name a version, and shows whether the kind is served and may be read.
bool is_passing(ErrorKind kind) {
  return kind == ErrorKind::Unavailable || kind == ErrorKind::Timeout ||
         kind == ErrorKind::Throttled || kind == ErrorKind::Internal ||
         kind == ErrorKind::Cancelled;
}

}  // namespace

std::string_view to_string(WatchEvent::Kind kind) {
  switch (kind) {
    case Kind::Restarted:
      return "Restarted";
    case Kind::Applied:
      return "Applied";
    case Kind::Deleted:
      return "Deleted";
    case Kind::Synced:
      return "Synced";
    case Kind::Progressed:
      return "Progressed";
    case Kind::NotServed:
      return "NotServed";
    case Kind::Failed:
      return "Failed";
  }
  return "Failed";
}

WatchMachine::WatchMachine(WatchMode mode, base::BackoffPolicy policy, std::uint32_t seed)
    : mode_(mode),
      policy_(policy),
      list_failures_(policy, seed),
      watch_failures_(policy, seed + 1),
      not_served_delays_(kNotServedPolicy, seed + 2) {}

WatchCommand WatchMachine::next() const {
  switch (state_) {
    case State::Listing:
      if (mode_ == WatchMode::FromNow) return FetchVersion{};
      return FetchPage{continue_token_};
    case State::Watching:
      return StartWatch{version_};
    case State::WaitingToList:
    case State::WaitingToWatch:
      return Wait{delay_};
  }
  return Wait{delay_};
}

WatchEvents WatchMachine::item(json::View object) {
  WatchEvents events = begin_list();
  events.push_back({Kind::Applied, object});
  return events;
}

WatchEvents WatchMachine::page(const ListPage& page) {
  if (went_back(page.resource_version)) {
    begin_epoch();
    // Items of this list were compared with versions of another epoch, so it begins again.
    if (mode_ == WatchMode::Full) return {};
  }
  WatchEvents events = begin_list();
  if (mode_ == WatchMode::FromNow || page.continue_token.empty())
    return end_list(std::move(events), page.resource_version);
  continue_token_ = page.continue_token;
  if (const auto added = trail_.add(continue_token_); !added) {
    list_after(list_failures_.next());
    events.push_back(failed(added.error()));
  }
  return events;
}

// Restarted comes with the first answer, not with the question: the known objects stay valid while
// the server is away.
WatchEvents WatchMachine::begin_list() {
  not_served_ = false;
  not_served_delays_.reset();
  if (list_begun_) return {};
  list_begun_ = true;
  return {{.kind = Kind::Restarted, .new_epoch = new_epoch_}};
}

WatchEvents WatchMachine::end_list(WatchEvents events, const std::string& version) {
  list_from_start();
  list_failures_.reset();
  new_epoch_ = false;
  version_ = version;
  state_ = State::Watching;
  moved_on_ = false;
  events.push_back({.kind = Kind::Synced, .version = version_});
  return events;
}

WatchEvents WatchMachine::page_failed(const base::Error& error) {
  if (error.kind == ErrorKind::NotFound) return wait_for_kind();
  list_after(list_failures_.next(error));
  auto event = failed(error);
  event.lost = list_failures_.failures() >= kListsUntilLost;
  return {event};
}

WatchEvents WatchMachine::line(json::View line) {
  const std::string_view type = line["type"].string_view();
  const json::View object = line["object"];
  if (type == "ERROR") return error_line(object);
  if (!object.is_object()) {
    return stream_failed({ErrorKind::Protocol, "a line of a watch has no object"});
  }
  const std::string_view version = object["metadata"]["resourceVersion"].string_view();
  if (went_back(version)) {
    return stream_failed(
        {ErrorKind::Gone, fmt::format("a watch went back from version {}", version_)});
  }
  take_version(version);
  const auto event = [&](Kind kind) {
    return WatchEvents{{.kind = kind, .object = object, .version = std::string(version)}};
  };
  if (type == "BOOKMARK" && !version.empty()) return event(Kind::Progressed);
  if (type == "ADDED" || type == "MODIFIED") return event(Kind::Applied);
  if (type == "DELETED") return event(Kind::Deleted);
  return {};  // types that are yet to be invented
}

WatchEvents WatchMachine::error_line(json::View status) {
  return stream_failed(error_of_status(status));
}

// The server ends a watch every few minutes. The delay counts from the watch's beginning, so that
// only a watch that ends early is followed by a wait.
WatchEvents WatchMachine::stream_ended(base::Duration lasted) {
  const bool moved_on = std::exchange(moved_on_, false);
  if (!moved_on) ++in_vain_;
  // A watch that was silent for this long has missed nothing.
  const bool quiet = lasted >= policy_.cap;
  if (quiet) watch_failures_.reset();
  const auto delay = moved_on || quiet ? policy_.first : watch_failures_.next();
  const auto left = std::max(delay - lasted, base::Duration::zero());
  in_vain_ < kMostInVain ? watch_after(left) : list_after(left);
  return {};
}

WatchEvents WatchMachine::stream_failed(const base::Error& error) {
  moved_on_ = false;
  ++in_vain_;
  const auto delay = watch_failures_.next(error);
  const bool again = is_passing(error.kind) && in_vain_ < kMostInVain;
  again ? watch_after(delay) : list_after(delay);
  return {failed(error)};
}

WatchEvents WatchMachine::wait_for_kind() {
  list_after(not_served_delays_.next());
  if (not_served_) return {};
  not_served_ = true;
  return {{Kind::NotServed}};
}

void WatchMachine::begin_epoch() {
  new_epoch_ = true;
  version_.clear();
  list_from_start();
}

void WatchMachine::list_from_start() {
  state_ = State::Listing;
  continue_token_.clear();
  trail_.clear();
  list_begun_ = false;
  in_vain_ = 0;
}

void WatchMachine::list_after(base::Duration delay) {
  list_from_start();
  state_ = State::WaitingToList;
  delay_ = delay;
}

void WatchMachine::watch_after(base::Duration delay) {
  state_ = delay > base::Duration::zero() ? State::WaitingToWatch : State::Watching;
  delay_ = delay;
}

void WatchMachine::waited() {
  if (state_ == State::WaitingToList) state_ = State::Listing;
  if (state_ == State::WaitingToWatch) state_ = State::Watching;
}

bool WatchMachine::went_back(std::string_view version) const {
  return !api::at_least_as_new(version, version_);
}

void WatchMachine::take_version(std::string_view version) {
  if (version.empty() || version == version_) return;
  version_ = version;
  moved_on_ = true;
  in_vain_ = 0;
  watch_failures_.reset();
}

}  // namespace kube
