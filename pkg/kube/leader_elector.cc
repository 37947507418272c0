#include "kube/leader_elector.h"

#include "base/log.h"
#include "base/overloaded.h"
#include "json/writer.h"
#include "kube/answer_kind.h"

#include <algorithm>
#include <functional>
#include <new>

namespace kube {
namespace {

using base::ErrorKind;

// Giving the lease up is a courtesy to the next leader: the end does not wait for a server that is
// silent or slow.
constexpr base::Duration kReleaseTimeout{1'000};
constexpr std::size_t kLongestAnswer = 1u << 20;

// Expected errors are not worth a line in the log. NotFound for a create means that the lease's
// namespace does not exist.
bool is_expected(ErrorKind kind, const Request& request) {
  return (kind == ErrorKind::NotFound && request.method != Method::Post) ||
         kind == ErrorKind::Conflict || kind == ErrorKind::AlreadyExists ||
         kind == ErrorKind::Cancelled;
}

// False when memory ran out. What was done by then shows in the lease, which is asked for again or
// lapses, as if the request had failed.
bool with_memory(const std::function<void()>& step) {
  try {
    step();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

LeaderElector::LeaderElector(Transport& transport, const base::Clock& clock,
                             LeaderElectorOptions options)
    : transport_(transport),
      clock_(clock),
      options_(std::move(options)),
      lease_{kLeases, options_.ns, options_.name},
      machine_(options_.lease) {}

LeaderElector::~LeaderElector() { stop(); }

void LeaderElector::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void LeaderElector::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

std::optional<LeaderElector::Steady> LeaderElector::leader_until() const {
  const Steady until{Steady::duration(leader_until_.load())};
  return clock_.steady_now() < until ? std::optional(until) : std::nullopt;
}

void LeaderElector::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool done = with_memory([&] {
      obey(machine_.next(clock_.now()), stop);
      if (stop.stop_requested()) return;
      publish();
      announce();
    });
    if (!done) wait(options_.lease.retry_period, stop);
  }
  leader_until_ = 0;
  with_memory([&] { announce(); });
  with_memory([&] { release(); });
}

void LeaderElector::obey(const LeaseCommand& command, const std::stop_token& stop) {
  const Steady asked = clock_.steady_now();
  std::visit(base::overloaded{[&](const ReadLease&) {
                                const auto lease = exchange(get_request(lease_), stop);
                                machine_.read(lease, asked, clock_.steady_now());
                              },
                              [&](const CreateLease& create) {
                                machine_.wrote(exchange(create_request_for(create), stop), asked);
                              },
                              [&](const UpdateLease& update) {
                                machine_.wrote(exchange(update_request_for(update), stop), asked);
                              },
                              [&](const WaitToRetry& pause) {
                                wait(pause.delay, stop);
                                machine_.waited();
                              }},
             command);
}

base::Result<LeaseRecord> LeaderElector::exchange(Request request, const std::stop_token& stop) {
  // The timeout is short enough to try again before the deadline.
  request.timeout = options_.lease.renew_deadline / 2;
  return send(request, stop);
}

base::Result<LeaseRecord> LeaderElector::send(const Request& request, const std::stop_token& stop) {
  Response response{200};
  const auto collect = [&](std::string_view chunk) -> base::Result<void> {
    response.body += chunk;
    if (response.body.size() <= kLongestAnswer) return {};
    return base::fail(ErrorKind::Protocol, "the answer is too long for a lease");
  };
  // Streams the answer, as streams can be stopped.
  const auto lease = transport_.stream(request, collect, stop).and_then([&] {
    return read_object(kLeases, request, response);
  });
  if (lease) return parse_lease(lease->root());
  if (!is_expected(lease.error().kind, request)) {
    base::log_warn("lease request failed", {{"error", lease.error().message}});
  }
  return tl::unexpected(lease.error());
}

Request LeaderElector::create_request_for(const CreateLease& command) const {
  json::Writer writer;
  writer.object().field("apiVersion", kLeases.api_version()).field("kind", kLeases.kind);
  writer.key("metadata").object().field("name", lease_.name).field("namespace", lease_.ns).end();
  writer.key("spec").value(json::Document::parse(command.spec).value().root()).end();
  return create_request(kLeases, lease_.ns, writer.text());
}

Request LeaderElector::update_request_for(const UpdateLease& command) const {
  return patch_request(lease_, PatchType::Merge, command.patch);
}

void LeaderElector::wait(base::Duration delay, const std::stop_token& stop) {
  // Waits at most until the deadline, so that on_lost comes in time.
  if (const auto until = machine_.leader_until(); announced_ && until) {
    const auto left = std::chrono::ceil<base::Duration>(*until - clock_.steady_now());
    delay = std::clamp(left, base::Duration(1), delay);
  }
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, delay, [] { return false; });
}

void LeaderElector::publish() {
  const auto until = machine_.leader_until();
  const bool lapsed = announced_ && !is_leader();
  leader_until_ = until ? until->time_since_epoch().count() : 0;
  // The lease was renewed after its deadline. is_leader() returned false in between, so leadership
  // is announced again.
  if (lapsed && is_leader()) announced_ = false;
}

void LeaderElector::announce() {
  const bool leads = is_leader();
  if (leads == announced_) return;
  announced_ = leads;
  base::log_info(leads ? "leading" : "not leading any more",
                 {{"identity", options_.lease.identity}, {"lease", lease_.to_string()}});
  const auto& callback = leads ? options_.on_started : options_.on_lost;
  if (callback) callback();
}

// A renewal that was interrupted may have arrived: which version the lease has then is asked once.
void LeaderElector::release() {
  const Steady until = clock_.steady_now() + kReleaseTimeout;
  if (give_up(kReleaseTimeout) != ErrorKind::Conflict) return;
  const auto left = [&] {
    return std::chrono::duration_cast<base::Duration>(until - clock_.steady_now());
  };
  Request request = get_request(lease_);
  request.timeout = left();
  const Steady asked = clock_.steady_now();
  machine_.read(send(request, {}), asked, clock_.steady_now());
  static_cast<void>(give_up(left()));
}

std::optional<ErrorKind> LeaderElector::give_up(base::Duration timeout) {
  const auto update = machine_.release(clock_.now());
  if (!update) return std::nullopt;
  Request request = update_request_for(*update);
  request.timeout = timeout;
  const auto released = send(request, {});
  return released ? std::nullopt : std::optional(released.error().kind);
}

}  // namespace kube
