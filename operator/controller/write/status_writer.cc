#include "controller/write/status_writer.h"

#include "api/names.h"
#include "base/log.h"
#include "controller/program/other_threads.h"
#include "controller/snapshot/resources.h"
#include "json/writer.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace controller {
namespace {

// Often enough to watch, and not many requests a node.
constexpr std::chrono::seconds kSlowest{2};
// The first delay is for a write that was overtaken: by then the watch has reported the other
// write.
constexpr base::BackoffPolicy kFailures{base::Duration(100), base::Duration(30'000), 2.0};

bool needs_approval(const api::MigrationStatus& status) {
  const auto* progressing = status.condition("Progressing");
  return progressing != nullptr && progressing->reason == api::kApprovalNeeded;
}

// Names what is worth an Event: another phase, or that an approval is waited for.
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

StatusWriter::StatusWriter(Parts parts, std::function<void()> on_done)
    : parts_(parts), events_(parts.writer, parts.clock), on_done_(std::move(on_done)) {}

StatusWriter::Sent& StatusWriter::sent_of(const std::string& uid) {
  return sent_.try_emplace(uid, Sent{.failures = base::Backoff(kFailures)}).first->second;
}

std::optional<std::chrono::steady_clock::time_point> StatusWriter::want(
    const api::FlannelMigration& migration, const api::MigrationStatus& status) {
  if (status == migration.status) return std::nullopt;
  auto& sent = sent_of(migration.meta.uid);
  if (sent.running) return std::nullopt;  // its answer brings us here again
  const auto now = parts_.clock.steady_now();
  const bool new_phase = status.phase != sent.phase;
  const auto earliest = new_phase ? sent.not_before : std::max(sent.next, sent.not_before);
  if (now < earliest) return earliest;
  Write write{migration.meta.uid, migration.meta.name, migration.meta.resource_version,
              api::render(status), event_of(migration, status)};
  if (write.status == sent.refused) return std::nullopt;
  sent.running = true;
  if (!write.version.empty() && write.version == sent.conflicted) {
    read(write);
    return std::nullopt;
  }
  if (new_phase) {
    base::log_info("phase", {{"migration", migration.meta.name},
                             {"phase", std::string(to_string(status.phase))},
                             {"message", status.message}});
  }
  sent.phase = status.phase;
  sent.next = now + kSlowest;
  send(std::move(write));
  return std::nullopt;
}

void StatusWriter::read(const Write& write) {
  post_to_worker(parts_.workers, parts_.strand, [this, write] {
    auto answer = parts_.reader.get({kFlannelMigrations, "", write.name});
    boost::asio::post(parts_.strand,
                      [this, write, answer = std::move(answer)] { finish_read(write, answer); });
  });
}

void StatusWriter::send(Write write) {
  post_to_worker(parts_.workers, parts_.strand, [this, write = std::move(write)] {
    auto answer = parts_.writer.patch({kFlannelMigrations, "", write.name}, kube::PatchType::Merge,
                                      body_of(write.version, write.status), "status");
    const bool tell = answer && write.event;
    boost::asio::post(parts_.strand,
                      [this, write, answer = std::move(answer)] { finish(write, answer); });
    if (tell) events_.record(*write.event);
  });
}

// The write is tried once more before the next read, if no other version was found.
void StatusWriter::finish_read(const Write& write, const base::Result<json::Document>& answer) {
  auto& sent = sent_of(write.uid);
  sent.running = false;
  sent.conflicted.clear();
  if (answer) {
    parts_.snapshot.apply(api::parse_flannel_migration(answer->root()));
  } else {
    wait_after(sent, write, answer.error());
  }
  on_done_();
}

void StatusWriter::finish(const Write& write, const base::Result<json::Document>& answer) {
  auto& sent = sent_of(write.uid);
  sent.running = false;
  if (answer) {
    sent.refused.clear();
    sent.failures.reset();
    parts_.snapshot.apply(api::parse_flannel_migration(answer->root()));
    return on_done_();
  }
  const auto kind = answer.error().kind;
  if (kind == base::ErrorKind::Conflict) {
    sent.conflicted = write.version;
    sent.next = {};
  }
  if (kind == base::ErrorKind::Invalid) sent.refused = write.status;
  wait_after(sent, write, answer.error());
  on_done_();
}

void StatusWriter::wait_after(Sent& sent, const Write& write, const base::Error& error) {
  const auto delay = sent.failures.next(error);
  sent.not_before = parts_.clock.steady_now() + delay;
  // Another writer was faster, or the object is gone: a person need not know that.
  if (error.kind == base::ErrorKind::NotFound || error.kind == base::ErrorKind::Conflict) return;
  base::log_warn(
      "status not written",
      {{"migration", write.name}, {"error", error.message}, {"retryIn", base::to_string(delay)}});
}

void StatusWriter::prune() {
  const auto& migrations = parts_.snapshot.state().migrations;
  std::erase_if(sent_, [&](const auto& entry) {
    const bool known = std::any_of(migrations.begin(), migrations.end(),
                                   [&](const auto& m) { return m.meta.uid == entry.first; });
    return !known && !entry.second.running;
  });
}

}  // namespace controller
