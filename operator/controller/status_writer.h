// Writes the status of FlannelMigrations: only what differs from the object, and a running
// migration's at most every two seconds, but a new phase at once. On the strand, but for the
// request itself.
#pragma once

#include "api/flannel_migration.h"
#include "base/clock.h"
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
    std::chrono::steady_clock::time_point when{};
    std::string refused;  // the body that the server refused: not sent again
  };

  void send(const std::string& name, const std::string& body);
  void finish(const std::string& name, const std::string& body,
              const base::Result<json::Document>& answer);

  boost::asio::io_context& strand_;
  boost::asio::thread_pool& workers_;
  SnapshotBuilder& snapshot_;
  const kube::Writer& writer_;
  const base::Clock& clock_;
  std::function<void()> on_done_;
  std::map<std::string, Sent> sent_;
};

}  // namespace controller
