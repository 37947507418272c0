// Breaks a blocking read or connect of one connection from another thread, by shutting its socket
// down.
#pragma once

#include <condition_variable>
#include <mutex>

namespace kube {

class Interrupter {
 public:
  Interrupter() = default;
  ~Interrupter();
  Interrupter(const Interrupter&) = delete;
  Interrupter& operator=(const Interrupter&) = delete;

  // The connection's thread: a socket was made (not yet connected); a request begins; a request has
  // ended.
  void opened(int socket);
  void begin();
  void end();

  // Any thread: makes the request that runs fail soon; without effect when none does.
  void interrupt();

  // True when the idle socket has bytes, or its end, to be read: the server closed it, or it is not
  // to be trusted.
  bool is_stale() const;

 private:
  bool shut_down() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  int socket_ = -1;  // a duplicate of our own: the connection may close its number at any time
  bool running_ = false;
};

}  // namespace kube
