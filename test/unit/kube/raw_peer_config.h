// How to reach a RawServer.
#pragma once

#include "fakes/raw_server.h"
#include "kube/http_transport.h"

#include <memory>
#include <string>

namespace kube {

inline std::unique_ptr<HttpTransport> connect_plainly(const fakes::RawServer& server,
                                                      const std::string& token = "") {
  ClientConfig config;
  config.server = "http://127.0.0.1:" + std::to_string(server.port());
  config.token = token;
  return HttpTransport::make(config).value();
}

}  // namespace kube
