// A port of this machine that answers no new connection, as a host behind a broken network.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace fakes {

class FullListener {
 public:
  FullListener() {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 0) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("cannot listen on loopback");
    port_ = ntohs(address.sin_port);
    // Nobody accepts: Linux drops what comes when the queue is full.
    for (int i = 0; one_more_fits(); ++i)
      if (i == kEnough) throw std::runtime_error("the queue does not get full");
  }
  ~FullListener() {
    for (const int socket : waiting_) close(socket);
    close(listener_);
  }
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;

  int port() const { return port_; }

 private:
  static constexpr int kAnswerMs = 50;  // on loopback an answer is there at once
  static constexpr int kEnough = 16;

  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  bool one_more_fits() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    waiting_.push_back(socket);
    const auto address = loopback(port_);
    if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      return true;
    pollfd connected{socket, POLLOUT, 0};
    return poll(&connected, 1, kAnswerMs) == 1;
  }

  const int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
  std::vector<int> waiting_;
};

}  // namespace fakes
