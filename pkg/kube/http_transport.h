// The real Transport: HTTP/1.1 over verified TLS on kept-alive connections, one for each request
// that is under way.
#pragma once

#include "kube/client_config.h"
#include "kube/transport.h"

#include <memory>

namespace kube {

struct HttpTransportOptions {
  std::string user_agent = "flannel-migration-operator";
  std::chrono::milliseconds connect_timeout{5000};
  // Idle connections above this number are closed.
  std::size_t keep_idle = 8;
};

class HttpTransport final : public Transport {
 public:
  // Invalid when the configuration cannot be used; connects later, with the first request. Makes
  // the process ignore SIGPIPE, as OpenSSL writes to sockets that the server may have closed.
  static base::Result<std::unique_ptr<HttpTransport>> make(
      const ClientConfig& config, const HttpTransportOptions& options = {});
  ~HttpTransport() override;

  // A GET on a kept-alive connection that turns out to be broken is sent once more on a new one;
  // writes never are.
  base::Result<Response> send(const Request& request) override;
  base::Result<void> stream(const Request& request, const OnChunk& on_chunk,
                            const std::stop_token& stop) override;

  // Ends what is under way, and everything from now on, with Cancelled. Any thread.
  void close();

  // Connections made so far; for tests and metrics.
  std::size_t connections_made() const;

 private:
  struct Impl;
  explicit HttpTransport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
