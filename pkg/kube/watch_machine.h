// Keeping up with all objects of a kind, as a state machine without I/O: it says what to ask the
// API server next, is told what came of it, and turns that into events.
//
//            ┌────────── more pages ──┐
//            ▼                        │
//   ┌──▶ Listing ──last page──▶ Watching ──stream ends──▶ Watching
//   │        │ error            │ 410, malformed line │ error
//   │        ▼                  ▼                     ▼
//   └── Waiting (list again) ◀──┘            Waiting (watch again)
//
// A kind that is not served (its CRD is not installed) is waited for in the same way, with its own
// delays.
#pragma once

#include "base/backoff.h"
#include "base/error.h"
#include "json/value.h"
#include "kube/list_page.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kube {

enum class WatchMode {
  Full,     // every object is listed first
  FromNow,  // only what changes from now on
};

struct WatchEvent {
  enum class Kind {
    Restarted,  // what was known so far is void; Full: all objects follow
    Applied,    // `object` was created, changed, or found by a list
    Deleted,    // `object` is gone; this was its last state
    Synced,     // everything that existed has been handed out
    NotServed,  // the server does not know the kind, so there is no object; sent once until it does
    Failed,     // `error` came up; it is retried after a while
  };
  Kind kind;
  json::View object = {};
  base::Error error = {};
  std::string version = {};  // Synced: the list's resourceVersion
};
using WatchEvents = std::vector<WatchEvent>;

std::string_view to_string(WatchEvent::Kind kind);

// What to do next.
struct FetchPage {
  std::string continue_token;
  bool operator==(const FetchPage&) const = default;
};
// A list of one object, for its resourceVersion; its items are not handed to the machine.
struct FetchVersion {
  bool operator==(const FetchVersion&) const = default;
};
struct StartWatch {
  std::string resource_version;
  bool operator==(const StartWatch&) const = default;
};
struct Wait {
  base::Duration delay;
  bool operator==(const Wait&) const = default;
};
using WatchCommand = std::variant<FetchPage, FetchVersion, StartWatch, Wait>;

class WatchMachine {
 public:
  explicit WatchMachine(WatchMode mode, base::BackoffPolicy policy = {}, std::uint32_t seed = 0);

  // The same until one of the functions below changes it.
  WatchCommand next() const;

  // FetchPage: an element, then the end of the page; or what went wrong at any point. FetchVersion:
  // without elements.
  WatchEvents item(json::View object);
  WatchEvents page(const ListPage& page);
  WatchEvents page_failed(const base::Error& error);

  // StartWatch: a line of the stream. When next() is no longer StartWatch afterwards, the stream is
  // of no more use.
  WatchEvents line(json::View line);
  // The stream ended, by itself or with an error.
  WatchEvents stream_ended();
  WatchEvents stream_failed(const base::Error& error);

  // Wait: it is over.
  void waited();

 private:
  enum class State { Listing, Watching, WaitingToList, WaitingToWatch };

  WatchEvents begin_list();
  WatchEvents error_line(json::View status);
  WatchEvents wait_for_kind();
  void list_after(base::Duration delay);
  void watch_after(base::Duration delay);
  void take_version(json::View object);

  WatchMode mode_;
  State state_ = State::Listing;
  std::string continue_token_;
  std::string version_;
  base::Duration delay_{0};
  bool list_begun_ = false;  // Restarted was sent for the list that is under way
  bool not_served_ = false;  // NotServed was sent
  bool line_seen_ = false;   // by the stream that is open
  base::Backoff errors_;     // until an answer comes
  base::Backoff relists_;  // until a line comes: a version too old right after a list must not spin
  base::Backoff not_served_delays_;
};

}  // namespace kube
