#include "kube/interrupter.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace kube {

Interrupter::~Interrupter() {
  if (socket_ >= 0) ::close(socket_);
}

void Interrupter::opened(int socket) {
  const std::lock_guard lock(mutex_);
  if (socket_ >= 0) ::close(socket_);
  socket_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
}

void Interrupter::begin() {
  const std::lock_guard lock(mutex_);
  running_ = true;
}

void Interrupter::end() {
  const std::lock_guard lock(mutex_);
  running_ = false;
  changed_.notify_all();
}

void Interrupter::interrupt() {
  std::unique_lock lock(mutex_);
  // A socket that does not exist yet, or is not yet connecting, cannot be shut down: that lasts a
  // moment, so try again.
  for (int tries = 0; running_ && tries < 50 && !shut_down(); ++tries) {
    changed_.wait_for(lock, std::chrono::milliseconds(2));
  }
}

bool Interrupter::shut_down() const { return socket_ >= 0 && ::shutdown(socket_, SHUT_RDWR) == 0; }

bool Interrupter::is_stale() const {
  pollfd poll{socket_, POLLIN, 0};
  return socket_ < 0 || ::poll(&poll, 1, 0) != 0;
}

}  // namespace kube
