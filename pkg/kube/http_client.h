// httplib's HTTP/1.1 on a Channel of ours: httplib itself has no deadline for a whole request and
// no limit for the head of an answer, and its blocking calls cannot be interrupted.
#pragma once

#include "kube/channel.h"
#include "kube/http_head_limits.h"
#include "kube/request.h"

#include <httplib.h>

#include <functional>
#include <memory>
#include <string>

namespace kube {

class HttpClient final : public httplib::ClientImpl {
 public:
  // Settings of the connection; the context (null for plain HTTP) stays the caller's.
  struct Settings {
    std::string host;
    int port = 0;
    base::Duration connect_timeout{0};
    SSL_CTX* tls = nullptr;
    std::string server_name;  // for SNI; may be empty
  };

  // `interrupter` must outlive it.
  HttpClient(Settings settings, Interrupter& interrupter);
  ~HttpClient() override;

  // Sets the addresses; call it before the first request.
  void set_addresses(SocketAddresses addresses) { addresses_ = std::move(addresses); }
  bool has_addresses() const { return !addresses_.empty(); }

  // Called before each request: `gate` is asked when the connection stands; may be null.
  void begin(std::shared_ptr<const Gate> gate);
  // The caller calls this when it has read the head of the answer.
  void head_ended() { limits_.head_ended(); }

  // Reasons why the last request failed that httplib does not know.
  bool was_refused() const { return refused_; }  // by the gate: nothing was sent
  bool head_was_too_long() const { return limits_.exceeded(); }
  // Whether another request may be sent on the connection.
  bool is_idle() const { return channel_.is_open() && !channel_.has_unread(); }

 private:
  class Bytes;

  bool create_and_connect_socket(Socket& socket, httplib::Error& error) override;
  void shutdown_ssl(Socket& socket, bool gracefully) override;
  bool process_socket(const Socket& socket,
                      std::function<bool(httplib::Stream&)> callback) override;
  bool may_send();

  const Settings settings_;
  Interrupter& interrupter_;
  Channel channel_;
  SocketAddresses addresses_;
  std::shared_ptr<const Gate> gate_;
  HttpHeadLimits limits_;
  bool refused_ = false;
};

}  // namespace kube
