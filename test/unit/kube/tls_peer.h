// The real transport, and a TLS server of this process that it trusts.
#pragma once

#include "fakes/temporary_folder.h"
#include "fakes/tls_server.h"
#include "kube/http_transport.h"

#include <memory>
#include <string>

namespace kube {

inline const fakes::CertificateAuthority& authority() {
  static const fakes::CertificateAuthority instance("test authority");
  return instance;
}

inline std::string url(int port, const std::string& host = "127.0.0.1") {
  return "https://" + host + ":" + std::to_string(port);
}

inline ClientConfig config_for(const fakes::TlsServer& server,
                               const std::string& host = "127.0.0.1") {
  ClientConfig config;
  config.server = url(server.port(), host);
  config.ca_pem = authority().pem();
  return config;
}

inline std::unique_ptr<HttpTransport> connect(const ClientConfig& config) {
  return HttpTransport::make(config).value();
}

inline void answer_hello(fakes::TlsServer& server) {
  server.http().Get("/hello", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(request.get_header_value("Authorization") + "|" +
                             request.get_header_value("User-Agent") + "|" +
                             std::to_string(request.remote_port),
                         "text/plain");
  });
  server.start();
}

inline const Request kHello = raw_request("/hello");

}  // namespace kube
