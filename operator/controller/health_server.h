// /healthz, /readyz and /metrics over plain HTTP, for the kubelet and Prometheus on the same node.
#pragma once

#include "base/error.h"

#include <functional>
#include <memory>
#include <string>

namespace controller {

class HealthServer {
 public:
  struct Pages {
    std::function<bool()> healthy;         // any thread
    std::function<bool()> ready;           // any thread
    std::function<std::string()> metrics;  // any thread
  };

  // `listen` is "host:port", "[::1]:8080" or ":8080". Invalid when it is none of these, Unavailable
  // when the address is taken.
  static base::Result<std::unique_ptr<HealthServer>> start(const std::string& listen, Pages pages);
  // Ends it.
  ~HealthServer();

 private:
  struct Impl;
  explicit HealthServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Host and port of such a text.
base::Result<std::pair<std::string, int>> parse_listen(const std::string& listen);

}  // namespace controller
