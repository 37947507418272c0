// Serves /healthz, /readyz and /metrics over plain HTTP, for the kubelet and Prometheus on the same
// node, on a thread of its own. Any client that reaches the port may misbehave: none keeps another
// one waiting, takes much memory or delays the end of the process.
#pragma once

#include "base/error.h"
#include "controller/serve/health_pages.h"

#include <memory>
#include <string>
#include <utility>

namespace controller {

class HealthServer {
 public:
  // `listen` is "host:port", "[::1]:8080" or ":8080". Invalid when it is none of these, Unavailable
  // when the address is taken.
  static base::Result<std::unique_ptr<HealthServer>> start(const std::string& listen,
                                                           HealthPages pages);
  // Ends it at once, with all connections.
  ~HealthServer();

 private:
  struct Impl;
  explicit HealthServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Host and port of such a text.
base::Result<std::pair<std::string, int>> parse_listen(const std::string& listen);

}  // namespace controller
