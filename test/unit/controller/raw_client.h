// A TCP client on loopback that sends any bytes, as a misbehaving one does.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace controller_test {

class RawClient {
 public:
  explicit RawClient(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect to loopback");
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the server has closed the connection, or takes nothing for a minute.
  bool send(std::string_view text) {
    while (!text.empty()) {
      pollfd writable{socket_, POLLOUT, 0};
      if (::poll(&writable, 1, kPatienceMs) != 1) return false;
      const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // All that comes until the server closes the connection, or says nothing for a minute.
  std::string read_to_end() {
    std::string text;
    char buffer[4096];
    pollfd readable{socket_, POLLIN, 0};
    while (::poll(&readable, 1, kPatienceMs) == 1) {
      const auto size = ::recv(socket_, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      text.append(buffer, static_cast<std::size_t>(size));
    }
    return text;
  }

  // Reads nothing: both sides of the connection are closed, or it is reset.
  bool is_closed_within(std::chrono::milliseconds time) {
    pollfd closed{socket_, 0, 0};
    return ::poll(&closed, 1, static_cast<int>(time.count())) == 1;
  }

 private:
  static constexpr int kPatienceMs = 60'000;
  const int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

}  // namespace controller_test
