#include "controller/status_writer.h"

#include "api/names.h"
#include "base/log.h"
#include "controller/resources.h"
#include "json/writer.h"

#include <boost/asio/post.hpp>

#include <utility>

namespace controller {
namespace {

// Often enough to watch, and not many requests a node.
constexpr std::chrono::seconds kSlowest{2};
// After another write was faster: by then the watch has told what it wrote.
constexpr std::chrono::milliseconds kAgain{100};

bool needs_approval(const api::MigrationStatus& status) {
  const auto* progressing = status.condition("Progressing");
  return progressing != nullptr && progressing->reason == api::kApprovalNeeded;
}

// What is new for people: another phase, or that one of them is waited for.
std::string news(const api::MigrationStatus& before, const api::MigrationStatus& now) {
  if (now.phase != before.phase) return std::string(to_string(now.phase));
  const bool asks = needs_approval(now) && !needs_approval(before);
  return std::string(asks ? api::kApprovalNeeded : "");
}

std::optional<kube::EventInfo> event_of(const api::FlannelMigration& before,
                                        const api::MigrationStatus& status) {
  auto reason = news(before.status, status);
  if (reason.empty()) return std::nullopt;
  const bool bad = status.phase == api::Phase::Blocked;
  return kube::EventInfo{migration_object(before.meta.name, before.meta.uid),
                         bad ? kube::EventType::Warning : kube::EventType::Normal,
                         std::move(reason),
                         status.message.empty() ? status.progress + " nodes" : status.message,
                         {}};
}

std::string body_of(const std::string& version, const std::string& status) {
  json::Writer meta;
  meta.object().field("resourceVersion", version).end();
  return "{\"metadata\":" + meta.text() + ",\"status\":" + status + "}";
}

}  // namespace

StatusWriter::StatusWriter(boost::asio::io_context& strand, boost::asio::thread_pool& workers,
                           SnapshotBuilder& snapshot, const kube::Writer& writer,
                           const base::Clock& clock, std::function<void()> on_done)
    : strand_(strand),
      workers_(workers),
      snapshot_(snapshot),
      writer_(writer),
      events_(writer, clock),
      clock_(clock),
      on_done_(std::move(on_done)) {}

std::optional<std::chrono::steady_clock::time_point> StatusWriter::want(
    const api::FlannelMigration& migration, const api::MigrationStatus& status) {
  if (status == migration.status) return std::nullopt;
  auto& sent = sent_[migration.meta.name];
  if (sent.running) return std::nullopt;  // its answer brings us here again
  const auto now = clock_.steady_now();
  const bool new_phase = status.phase != sent.phase;
  if (!new_phase && now < sent.next) return sent.next;
  Write write{migration.meta.name, migration.meta.resource_version, api::render(status),
              event_of(migration, status)};
  if (write.status == sent.refused) return std::nullopt;
  if (new_phase) {
    base::log_info("phase", {{"migration", migration.meta.name},
                             {"phase", std::string(to_string(status.phase))},
                             {"message", status.message}});
  }
  sent.running = true;
  sent.phase = status.phase;
  sent.next = now + kSlowest;
  send(std::move(write));
  return std::nullopt;
}

void StatusWriter::send(Write write) {
  boost::asio::post(workers_, [this, write = std::move(write)] {
    auto answer = writer_.patch({kFlannelMigrations, "", write.name}, kube::PatchType::Merge,
                                body_of(write.version, write.status), "status");
    const bool tell = answer && write.event;
    boost::asio::post(strand_,
                      [this, write, answer = std::move(answer)] { finish(write, answer); });
    if (tell) events_.record(*write.event);
  });
}

void StatusWriter::finish(const Write& write, const base::Result<json::Document>& answer) {
  auto& sent = sent_[write.name];
  sent.running = false;
  if (answer) {
    sent.refused.clear();
    snapshot_.apply(api::parse_flannel_migration(answer->root()));
    return on_done_();
  }
  const auto kind = answer.error().kind;
  if (kind == base::ErrorKind::Conflict) sent.next = clock_.steady_now() + kAgain;
  if (kind == base::ErrorKind::Invalid) sent.refused = write.status;
  // Somebody being faster is nothing a person needs to know.
  if (kind != base::ErrorKind::NotFound && kind != base::ErrorKind::Conflict) {
    base::log_warn("status not written",
                   {{"migration", write.name}, {"error", answer.error().message}});
  }
  on_done_();
}

}  // namespace controller
