#include "kube/watch_machine.h"

#include "kube/response.h"

namespace kube {
namespace {

using base::ErrorKind;
using Kind = WatchEvent::Kind;

constexpr base::BackoffPolicy kNotServedPolicy{std::chrono::seconds(1), std::chrono::seconds(10)};

WatchEvent failed(const base::Error& error) { return {Kind::Failed, {}, error}; }

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
    case Kind::NotServed:
      return "NotServed";
    case Kind::Failed:
      return "Failed";
  }
  return "Failed";
}

WatchMachine::WatchMachine(WatchMode mode, base::BackoffPolicy policy, std::uint32_t seed)
    : mode_(mode),
      errors_(policy, seed),
      relists_(policy, seed + 1),
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
  WatchEvents events = begin_list();
  errors_.reset();
  continue_token_ = page.continue_token;
  if (mode_ == WatchMode::Full && !continue_token_.empty()) return events;
  continue_token_.clear();
  list_begun_ = false;
  version_ = page.resource_version;
  state_ = State::Watching;
  line_seen_ = false;
  events.push_back({Kind::Synced, {}, {}, version_});
  return events;
}

// Restarted comes with the first answer, not with the question: what is known stays good while the
// server is away.
WatchEvents WatchMachine::begin_list() {
  not_served_ = false;
  not_served_delays_.reset();
  if (list_begun_) return {};
  list_begun_ = true;
  return {{Kind::Restarted}};
}

WatchEvents WatchMachine::page_failed(const base::Error& error) {
  if (error.kind == ErrorKind::NotFound) return wait_for_kind();
  const bool expired = error.kind == ErrorKind::Gone && !continue_token_.empty();
  list_after(expired ? relists_.next() : errors_.next());
  return {failed(error)};
}

WatchEvents WatchMachine::line(json::View line) {
  const std::string_view type = line["type"].string_view();
  const json::View object = line["object"];
  if (type == "ERROR") return error_line(object);
  if (!object.is_object()) {
    return stream_failed({ErrorKind::Protocol, "a line of a watch has no object"});
  }
  line_seen_ = true;
  errors_.reset();
  relists_.reset();
  take_version(object);
  if (type == "ADDED" || type == "MODIFIED") return {{Kind::Applied, object}};
  if (type == "DELETED") return {{Kind::Deleted, object}};
  return {};  // BOOKMARK, and types that are yet to be invented
}

WatchEvents WatchMachine::error_line(json::View status) {
  return stream_failed(error_of_status(status));
}

WatchEvents WatchMachine::stream_ended() {
  // The server ends a watch every few minutes. One that ends without a word might do so again at
  // once.
  if (!line_seen_) watch_after(relists_.next());
  line_seen_ = false;
  return {};
}

WatchEvents WatchMachine::stream_failed(const base::Error& error) {
  line_seen_ = false;
  if (error.kind == ErrorKind::NotFound) return wait_for_kind();
  // A malformed line would come again from the same version.
  const bool list_again = error.kind == ErrorKind::Gone || error.kind == ErrorKind::Protocol;
  if (list_again) {
    list_after(relists_.next());
  } else if (error.kind == ErrorKind::Forbidden) {
    // Only a list tells that the right is there again; one that succeeds does not say so yet.
    list_after(relists_.next());
  } else {
    watch_after(errors_.next());
  }
  return {failed(error)};
}

WatchEvents WatchMachine::wait_for_kind() {
  list_after(not_served_delays_.next());
  if (not_served_) return {};
  not_served_ = true;
  return {{Kind::NotServed}};
}

void WatchMachine::list_after(base::Duration delay) {
  state_ = State::WaitingToList;
  delay_ = delay;
  continue_token_.clear();
  list_begun_ = false;
}

void WatchMachine::watch_after(base::Duration delay) {
  state_ = State::WaitingToWatch;
  delay_ = delay;
}

void WatchMachine::waited() {
  if (state_ == State::WaitingToList) state_ = State::Listing;
  if (state_ == State::WaitingToWatch) state_ = State::Watching;
}

void WatchMachine::take_version(json::View object) {
  const std::string_view version = object["metadata"]["resourceVersion"].string_view();
  if (!version.empty()) version_ = version;
}

}  // namespace kube
