// One client of a RawServer, as the server sees it: its bare socket.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace fakes {

class RawPeer {
 public:
  explicit RawPeer(int socket) : socket_(socket) {}
  ~RawPeer() { close(socket_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  // All of it; false once the client has gone.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // The same piece again and again, until `most` bytes are sent or the client has gone; how many
  // bytes were sent.
  std::size_t flood(std::string_view piece, std::size_t most) {
    std::size_t sent = 0;
    while (sent < most && send(piece)) sent += piece.size();
    return sent;
  }

  // The same piece every few milliseconds, until the client has gone; false when it has not for a
  // minute.
  bool drip(std::string_view piece) {
    constexpr std::chrono::milliseconds kPause{10};
    for (std::chrono::milliseconds spent{0}; spent < std::chrono::minutes(1); spent += kPause) {
      if (!send(piece) || has_gone(kPause)) return true;
    }
    return false;
  }

  // Reads up to the empty line behind a request's headers; empty when the client goes before.
  std::string read_head() {
    std::string head;
    char byte = 0;
    while (!head.ends_with("\r\n\r\n")) {
      if (recv(socket_, &byte, 1, 0) != 1) return {};
      head += byte;
    }
    return head;
  }

  // Waits for the client to go; what it sends meanwhile is thrown away.
  void wait_until_gone() {
    std::array<char, 4096> buffer{};
    while (recv(socket_, buffer.data(), buffer.size(), 0) > 0) {
    }
  }

  void hang_up() { shutdown(socket_, SHUT_RDWR); }

 private:
  bool has_gone(std::chrono::milliseconds pause) {
    pollfd poll{socket_, POLLRDHUP, 0};
    return ::poll(&poll, 1, static_cast<int>(pause.count())) != 0;
  }

  const int socket_;
};

}  // namespace fakes
