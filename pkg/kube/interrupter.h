// Waits for the socket of one connection, for no longer than its request may take, and lets another
// thread end the wait. Sockets are non-blocking, so that nothing else of a connection can block.
#pragma once

#include <atomic>
#include <chrono>

namespace kube {

class Interrupter {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Interrupter();
  ~Interrupter();
  Interrupter(const Interrupter&) = delete;
  Interrupter& operator=(const Interrupter&) = delete;

  // False when the process has no file descriptor left: then waits cannot be interrupted.
  bool is_valid() const { return event_ >= 0; }

  // The connection's thread: a request begins, and has to end by `deadline`.
  void begin(TimePoint deadline);
  // The connection's thread: the request has to end earlier than it was to.
  void tighten(TimePoint deadline);
  // The connection's thread: waits until `socket` is ready for `events` of poll(2). False when the
  // request is over before, or `until` has passed.
  bool wait(int socket, short events, TimePoint until = TimePoint::max());
  // Whether the request has to end, as it is late or was interrupted.
  bool is_over() const { return interrupted_ || is_late(); }
  bool is_late() const;
  TimePoint deadline() const { return deadline_; }

  // Any thread: ends the request that runs, at once; the next one is not affected.
  void interrupt();

 private:
  const int event_;  // an eventfd, readable once interrupted
  std::atomic<bool> interrupted_{false};
  TimePoint deadline_ = TimePoint::max();  // of the connection's thread
};

}  // namespace kube
