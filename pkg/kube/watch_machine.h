// Keeping up with all objects of a kind, as a state machine without I/O: it says what to ask the
// API server next, is told what came of it, and turns that into events.
//
//            ┌────────── more pages ──┐
//            ▼                        │
//   ┌──▶ Listing ──last page──▶ Watching ──stream ends──▶ Watching
//   │        │ error            │ version refused,    │ error
//   │        ▼                  ▼ five in vain        ▼
//   └── Waiting (list again) ◀──┘            Waiting (watch again)
//
// A watch is in vain when it fails, or ends, before a version has come that is newer than the one
// it began at. Delays grow until one comes; five in a row lead to a new list, as the server may
// know nothing of that version.
//
// Versions that go back mean that the server's store is another one (etcd was restored from a
// backup): Full lists once more, with Restarted.new_epoch.
//
// A kind that is not served (its CRD is not installed) is waited for in the same way, with its own
// delays.
#pragma once

#include "base/backoff.h"
#include "base/error.h"
#include "json/value.h"
#include "kube/list_page.h"
#include "kube/page_trail.h"

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
    Restarted,   // what was known so far is void; Full: all objects follow
    Applied,     // `object` was created, changed, or found by a list
    Deleted,     // `object` is gone; this was its last state
    Synced,      // everything that existed has been handed out
    Progressed,  // every change up to `version` has been handed out (a bookmark)
    NotServed,   // discovery does not name the kind either; sent once until it is served
    Failed,      // `error` came up; it is retried after a while
  };
  Kind kind;
  json::View object = {};
  base::Error error = {};
  // Synced: the list's resourceVersion. Applied and Deleted of a watch: the object's. Progressed:
  // the bookmark's.
  std::string version = {};
  // Restarted: no version that was seen before says anything about what is newer.
  bool new_epoch = false;
  // Failed: so many lists in a row have failed that what is known may be long out of date.
  bool lost = false;
};
using WatchEvents = std::vector<WatchEvent>;

std::string_view to_string(WatchEvent::Kind kind);

// Commands that next() returns.
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

  // Returns the same command until one of the functions below changes it.
  WatchCommand next() const;

  // FetchPage: an element, then the end of the page; or what went wrong at any point. FetchVersion:
  // without elements.
  WatchEvents item(json::View object);
  WatchEvents page(const ListPage& page);
  WatchEvents page_failed(const base::Error& error);

  // StartWatch: a line of the stream. When next() is no longer StartWatch afterwards, the caller
  // ends the stream.
  WatchEvents line(json::View line);
  // The stream ended, by itself `lasted` after it was asked for, or with an error.
  WatchEvents stream_ended(base::Duration lasted);
  WatchEvents stream_failed(const base::Error& error);

  // Wait: it is over.
  void waited();

 private:
  enum class State { Listing, Watching, WaitingToList, WaitingToWatch };

  WatchEvents begin_list();
  WatchEvents end_list(WatchEvents events, const std::string& version);
  WatchEvents error_line(json::View status);
  WatchEvents wait_for_kind();
  void begin_epoch();
  void list_from_start();
  void list_after(base::Duration delay);
  void watch_after(base::Duration delay);
  // Whether `version` is older than what was seen before it.
  bool went_back(std::string_view version) const;
  void take_version(std::string_view version);

  const WatchMode mode_;
  const base::BackoffPolicy policy_;
  State state_ = State::Listing;
  std::string continue_token_;
  PageTrail trail_;
  std::string version_;  // the newest that was seen in this epoch
  base::Duration delay_{0};
  bool list_begun_ = false;       // Restarted was sent for the list that is under way
  bool new_epoch_ = false;        // since versions went back, until a list is complete
  bool not_served_ = false;       // NotServed was sent
  bool moved_on_ = false;         // a newer version came by the stream that is open
  unsigned in_vain_ = 0;          // watches since a newer version or a list
  base::Backoff list_failures_;   // until a list is complete
  base::Backoff watch_failures_;  // until a newer version comes
  base::Backoff not_served_delays_;
};

}  // namespace kube
