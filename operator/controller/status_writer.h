// Writes the status of FlannelMigrations: only what differs from the object, and a running
// migration's at most every two seconds, but a new phase at once, and with an Event. Only to the
// version that it was made for: not to a new object of the same name, nor to a spec that says
// something else by now. On the strand, but for the requests themselves.
#pragma once

#include "api/flannel_migration.h"
#include "base/clock.h"
#include "controller/event_recorder.h"
#include "controller/snapshot_builder.h"
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
  StatusWriter(boost::asio::io_context& strand, boost::asio::thread_pool& workers,
               SnapshotBuilder& snapshot, const kube::Writer& writer, const base::Clock& clock,
               std::function<void()> on_done);

  // What the status has to be now. Answers when to come again, if it is too early to write.
  std::optional<std::chrono::steady_clock::time_point> want(const api::FlannelMigration& migration,
                                                            const api::MigrationStatus& status);

 private:
  struct Sent {
    bool running = false;
    api::Phase phase = api::Phase::Pending;
    std::chrono::steady_clock::time_point next{};  // of the same phase, the earliest
    std::string refused;  // the status that the server refused: not sent again
  };
  struct Write {
    std::string name;
    std::string version;
    std::string status;
    std::optional<kube::EventInfo> event;
  };

  void send(Write write);
  void finish(const Write& write, const base::Result<json::Document>& answer);

  boost::asio::io_context& strand_;
  boost::asio::thread_pool& workers_;
  SnapshotBuilder& snapshot_;
  const kube::Writer& writer_;
  EventRecorder events_;
  const base::Clock& clock_;
  std::function<void()> on_done_;
  std::map<std::string, Sent> sent_;
};

}  // namespace controller
