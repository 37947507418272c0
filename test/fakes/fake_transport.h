// A Transport without a network: a function answers the requests as an API server would (kinds are
// filled in, see server_answer.h), and watches stay open until they are stopped or ended.
#pragma once

#include "fakes/patience.h"
#include "fakes/server_answer.h"
#include "kube/transport.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace fakes {

class FakeTransport : public kube::Transport {
 public:
  // Called on the thread of the caller, one at a time.
  using Answer = std::function<base::Result<kube::Response>(const kube::Request&)>;

  explicit FakeTransport(Answer answer, std::size_t chunk = 7)
      : answer_(std::move(answer)), chunk_(chunk) {}

  base::Result<kube::Response> send(const kube::Request& request) override {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    changed_.notify_all();
    auto answer = answer_(request);
    return answer && !verbatim_ ? as_server(request, std::move(*answer)) : std::move(answer);
  }

  base::Result<void> stream(const kube::Request& request, const OnChunk& on_chunk,
                            const std::stop_token& stop) override {
    const auto response = send(request);
    if (!response) return tl::unexpected(response.error());
    if (!response->succeeded()) return tl::unexpected(kube::error_of(request, *response));
    for (std::size_t at = 0; at < response->body.size(); at += chunk_) {
      if (stop.stop_requested()) break;
      const auto done = on_chunk(std::string_view(response->body).substr(at, chunk_));
      if (!done) return done;
    }
    return hold(request, stop);
  }

  // Answers are no longer given the kind that an API server would give them.
  void answer_verbatim() {
    const std::lock_guard lock(mutex_);
    verbatim_ = true;
  }

  // Every watch that is answered from now on stays open until end_watches().
  void hold_watches() {
    const std::lock_guard lock(mutex_);
    hold_ = true;
  }

  void end_watches() {
    const std::lock_guard lock(mutex_);
    hold_ = false;
    changed_.notify_all();
  }

  std::vector<kube::Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  // Waits until that many requests have come; false when patience has run out.
  bool wait_for_requests(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return requests_.size() >= count; });
  }

 private:
  base::Result<void> hold(const kube::Request& request, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const bool is_watch = request.path.find("watch=true") != std::string::npos;
    if (is_watch) changed_.wait(lock, stop, [&] { return !hold_; });
    if (!stop.stop_requested()) return {};
    return base::fail(base::ErrorKind::Cancelled, "stopped");
  }

  const Answer answer_;
  const std::size_t chunk_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<kube::Request> requests_;
  bool hold_ = false;
  bool verbatim_ = false;
};

}  // namespace fakes
