#include "controller/status_writer.h"

#include "base/log.h"
#include "controller/resources.h"

#include <boost/asio/post.hpp>

namespace controller {
namespace {

// Often enough to watch, and not many requests a node.
constexpr std::chrono::seconds kSlowest{2};

}  // namespace

StatusWriter::StatusWriter(boost::asio::io_context& strand, boost::asio::thread_pool& workers,
                           SnapshotBuilder& snapshot, const kube::Writer& writer,
                           const base::Clock& clock, std::function<void()> on_done)
    : strand_(strand),
      workers_(workers),
      snapshot_(snapshot),
      writer_(writer),
      clock_(clock),
      on_done_(std::move(on_done)) {}

std::optional<std::chrono::steady_clock::time_point> StatusWriter::want(
    const api::FlannelMigration& migration, const api::MigrationStatus& status) {
  if (status == migration.status) return std::nullopt;
  auto& sent = sent_[migration.meta.name];
  if (sent.running) return std::nullopt;  // its answer brings us here again
  const auto now = clock_.steady_now();
  const bool new_phase = status.phase != sent.phase;
  if (!new_phase && now < sent.when + kSlowest) return sent.when + kSlowest;
  std::string body = "{\"status\":" + api::render(status) + "}";
  if (body == sent.refused) return std::nullopt;
  if (new_phase) {
    base::log_info("phase", {{"migration", migration.meta.name},
                             {"phase", std::string(to_string(status.phase))},
                             {"message", status.message}});
  }
  sent.running = true;
  sent.phase = status.phase;
  sent.when = now;
  send(migration.meta.name, body);
  return std::nullopt;
}

void StatusWriter::send(const std::string& name, const std::string& body) {
  boost::asio::post(workers_, [this, name, body] {
    auto answer =
        writer_.patch({kFlannelMigrations, "", name}, kube::PatchType::Merge, body, "status");
    boost::asio::post(
        strand_, [this, name, body, answer = std::move(answer)] { finish(name, body, answer); });
  });
}

void StatusWriter::finish(const std::string& name, const std::string& body,
                          const base::Result<json::Document>& answer) {
  auto& sent = sent_[name];
  sent.running = false;
  if (answer) {
    sent.refused.clear();
    snapshot_.apply(api::parse_flannel_migration(answer->root()));
  } else if (answer.error().kind != base::ErrorKind::NotFound) {
    base::log_warn("status not written", {{"migration", name}, {"error", answer.error().message}});
    if (answer.error().kind == base::ErrorKind::Invalid) sent.refused = body;
  }
  on_done_();
}

}  // namespace controller
