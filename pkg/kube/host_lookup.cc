#include "kube/host_lookup.h"

#include "net/ip_address.h"

#include <fmt/format.h>
#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

namespace kube {
namespace {

using base::ErrorKind;

}  // namespace

base::Result<SocketAddresses> resolve_host(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), fmt::to_string(port).c_str(), &hints, &first);
  if (failed != 0) {
    return base::fail(ErrorKind::Unavailable,
                      fmt::format("the host {} is not found: {}", host, ::gai_strerror(failed)));
  }
  SocketAddresses found;
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
    SocketAddress& address = found.emplace_back();
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
  }
  ::freeaddrinfo(first);
  return found;
}

struct HostLookup::Shared {
  std::mutex mutex;
  std::condition_variable_any answered;
  bool running = false;       // protected by mutex, as the two below
  std::uint64_t answers = 0;  // how many there were so far
  base::Result<SocketAddresses> last;

  void run(const Resolve& resolve, const std::string& host, int port) {
    auto found = resolve(host, port);
    const std::lock_guard lock(mutex);
    last = std::move(found);
    running = false;
    ++answers;
    answered.notify_all();
  }
};

HostLookup::HostLookup(std::string host, int port, Resolve resolve)
    : host_(std::move(host)),
      port_(port),
      resolve_(std::move(resolve)),
      shared_(std::make_shared<Shared>()) {}

base::Result<SocketAddresses> HostLookup::find(TimePoint until, const std::stop_token& stop) {
  if (net::IpAddress::parse(host_)) return resolve_(host_, port_);  // answers at once
  std::unique_lock lock(shared_->mutex);
  if (!shared_->running) {
    try {
      std::thread([shared = shared_, resolve = resolve_, host = host_, port = port_] {
        shared->run(resolve, host, port);
      }).detach();
    } catch (const std::system_error&) {
      return base::fail(ErrorKind::Unavailable, "no thread left to look the host up");
    }
    shared_->running = true;
  }
  const auto before = shared_->answers;
  const auto is_answered = [&] { return shared_->answers != before; };
  if (shared_->answered.wait_until(lock, stop, until, is_answered)) return shared_->last;
  if (stop.stop_requested()) return base::fail(ErrorKind::Cancelled, "the request was stopped");
  return base::fail(ErrorKind::Timeout, fmt::format("the lookup of {} takes too long", host_));
}

}  // namespace kube
