// An HTTPS server on loopback, for the tests of the real transport.
#pragma once

#include "fakes/test_certificates.h"

#include <httplib.h>

#include <atomic>
#include <string>
#include <thread>

namespace fakes {

class TlsServer {
 public:
  explicit TlsServer(Identity identity, const std::string& address = "127.0.0.1",
                     X509_STORE* client_authorities = nullptr)
      : identity_(std::move(identity)),
        server_(identity_.certificate.get(), identity_.key.get(), client_authorities) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(8); };
    server_.set_keep_alive_max_count(1000);
    // Counts from the handshake on: a client on a busy machine is not to lose its first request.
    server_.set_keep_alive_timeout(60);
    port_ = server_.bind_to_any_port(address);
  }
  ~TlsServer() { stop(); }

  // Set the handlers before.
  void start() {
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  void stop() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  httplib::Server& http() { return server_; }
  int port() const { return port_; }

 private:
  Identity identity_;
  httplib::SSLServer server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace fakes
