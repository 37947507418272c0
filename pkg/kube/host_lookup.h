// Finds the addresses of the API server's host. The system's resolver cannot be interrupted, so it
// runs on a thread of its own, which is left behind by those that cannot wait for it any longer.
#pragma once

#include "base/error.h"

#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace kube {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

using SocketAddresses = std::vector<SocketAddress>;

// Unavailable when there is none; blocks for as long as the system lets it.
base::Result<SocketAddresses> resolve_host(const std::string& host, int port);

class HostLookup {
 public:
  using Resolve = std::function<base::Result<SocketAddresses>(const std::string& host, int port)>;
  using TimePoint = std::chrono::steady_clock::time_point;

  // `resolve` is called on a thread that may outlive everything but what it holds itself.
  HostLookup(std::string host, int port, Resolve resolve = resolve_host);

  // Asks the resolver on each call; calls at the same time share one answer, so that a silent
  // resolver holds at most one thread. Timeout at `until`, Cancelled when stopped. Thread safe.
  base::Result<SocketAddresses> find(TimePoint until, const std::stop_token& stop);

 private:
  struct Shared;

  const std::string host_;
  const int port_;
  const Resolve resolve_;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace kube
