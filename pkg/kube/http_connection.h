// A kept-alive HTTP/1.1 connection to the API server, used by one thread at a time. A request ends
// within its timeout, and at once when it is stopped, whatever the server does.
#pragma once

#include "base/error.h"
#include "kube/host_lookup.h"
#include "kube/request.h"
#include "kube/response.h"
#include "kube/server_address.h"
#include "kube/tls_credentials.h"

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace kube {

struct ConnectionSettings {
  ServerAddress server;
  std::string tls_server_name;
  std::string user_agent;
  std::chrono::milliseconds connect_timeout{5000};  // for each address of the server
  std::shared_ptr<HostLookup> lookup;               // of the server's host
};

class HttpConnection {
 public:
  using Handler = std::function<base::Result<void>(std::string_view)>;

  // `credentials` are not needed afterwards; null for plain HTTP.
  static base::Result<std::unique_ptr<HttpConnection>> make(const ConnectionSettings& settings,
                                                            const TlsCredentials* credentials);
  ~HttpConnection();

  // Sends a request and reads its answer; connects when it is not connected. The body of a
  // successful answer goes to `handler` if that is set, else into the Response; `token` is removed
  // wherever the server repeats it. After an error the connection cannot be used again.
  base::Result<Response> run(const Request& request, const std::string& token,
                             const Handler& handler, const std::stop_token& stop);

  // Whether the connection can take a request: it is open and was not idle for too long.
  bool is_fresh() const;
  // Whether an answer, or part of one, has come for the last request.
  bool has_answered() const;

 private:
  struct Impl;
  explicit HttpConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kube
