// A server on loopback that says whatever a test wants, byte by byte: a function of the test serves
// the bare socket of each connection, on a thread of its own.
#pragma once

#include "fakes/raw_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <functional>
#include <list>
#include <stdexcept>
#include <thread>

namespace fakes {

class RawServer {
 public:
  using Serve = std::function<void(RawPeer&)>;

  // `serve` is called for each connection; the connection ends when it returns.
  explicit RawServer(Serve serve) : serve_(std::move(serve)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, raw, size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, raw, &size) != 0)
      throw std::runtime_error("cannot listen on loopback");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~RawServer() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    for (auto& peer : peers_) peer.hang_up();
    for (auto& thread : threads_) thread.join();
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }

 private:
  void accept_all() {
    while (true) {
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      RawPeer& peer = peers_.emplace_back(socket);
      threads_.emplace_back([this, &peer] {
        serve_(peer);
        peer.hang_up();
      });
    }
  }

  const Serve serve_;
  const int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
  std::list<RawPeer> peers_;        // of the acceptor, until it has ended
  std::list<std::thread> threads_;  // likewise
  std::thread acceptor_;
};

}  // namespace fakes
