// Writes the status of FlannelMigrations: only what differs from the object, and a running
// migration's at most every two seconds, but a new phase at once, and with an Event. The status
// goes only to the version that it was made for: not to a new object of the same name, nor to a
// changed spec. After a failure the next try waits longer each time, or for as long as the server
// asks; after a conflict the object is read if no watch has reported a newer one. On the strand,
// but for the requests themselves.
#pragma once

#include "api/flannel_migration.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "controller/snapshot/snapshot_builder.h"
#include "controller/write/event_recorder.h"
#include "kube/reader.h"
#include "kube/writer.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace controller {

class StatusWriter {
 public:
  struct Parts {
    boost::asio::io_context& strand;
    boost::asio::thread_pool& workers;
    SnapshotBuilder& snapshot;
    const kube::Reader& reader;
    const kube::Writer& writer;
    const base::Clock& clock;
  };

  // `on_done` is called on the strand after every answer.
  StatusWriter(Parts parts, std::function<void()> on_done);

  // Takes the status that the object has to have now. Returns when to come again, if it is too
  // early to write.
  std::optional<std::chrono::steady_clock::time_point> want(const api::FlannelMigration& migration,
                                                            const api::MigrationStatus& status);

  // Forgets FlannelMigrations that are gone. Call it after each plan.
  void prune();

 private:
  // State of the writes to a FlannelMigration.
  struct Sent {
    bool running = false;
    api::Phase phase = api::Phase::Pending;
    std::chrono::steady_clock::time_point next{};        // of the same phase, the earliest
    std::chrono::steady_clock::time_point not_before{};  // after failures, of any phase
    base::Backoff failures;
    std::string refused = {};  // the status that the server refused: not sent again
    std::string conflicted =
        {};  // the version to which the server would not write: is there another?
  };
  struct Write {
    std::string uid;
    std::string name;
    std::string version;
    std::string status;
    std::optional<kube::EventInfo> event;
  };

  Sent& sent_of(const std::string& uid);
  void read(const Write& write);
  void send(Write write);
  void finish_read(const Write& write, const base::Result<json::Document>& answer);
  void finish(const Write& write, const base::Result<json::Document>& answer);
  void wait_after(Sent& sent, const Write& write, const base::Error& error);

  Parts parts_;
  EventRecorder events_;
  std::function<void()> on_done_;
  std::map<std::string, Sent> sent_;  // by UID
};

}  // namespace controller
