#include "controller/serve/health_server.h"

#include "base/log.h"
#include "controller/serve/health_session.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <deque>
#include <exception>
#include <thread>
#include <utility>

namespace controller {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// A probe and a scrape at the same time are all that is expected. When there are more connections
// than this, the oldest is closed: a probe sends its request at once, and was answered by then.
constexpr std::size_t kMostSessions = 16;
// Before a connection is accepted again when it failed, as for want of descriptors.
constexpr std::chrono::milliseconds kAcceptPause{100};

base::Failure bad_listen(const std::string& listen) {
  return base::fail(
      base::ErrorKind::Invalid,
      fmt::format("--listen {}: wanted HOST:PORT, [IPV6]:PORT or :PORT with a port from 1 to 65535",
                  listen));
}

base::Failure unusable(const std::string& listen) {
  return base::fail(
      base::ErrorKind::Unavailable,
      fmt::format(
          "--listen {}: the address cannot be used; choose another, or an empty one for none",
          listen));
}

// False, and closed, when it cannot be listened on.
bool listen_on(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  // SO_REUSEPORT is not set: two programs must not share an address unnoticed.
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.protocol() == tcp::v6())
    acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) return true;
  acceptor.close(error);
  return false;
}

}  // namespace

struct HealthServer::Impl {
  explicit Impl(HealthPages its) : pages(std::move(its)) {}
  ~Impl() {
    io.stop();
    if (thread.joinable()) thread.join();
  }

  void run();
  bool listen(const std::string& host, int port);
  void accept();
  void begin(tcp::socket socket);

  const HealthPages pages;
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer pause{io};
  std::deque<std::weak_ptr<HealthSession>> sessions;  // the oldest first
  std::thread thread;
};

// A page that cannot be made, as when memory runs out, ends its connection alone.
void HealthServer::Impl::run() {
  for (bool again = true; again;) {
    try {
      io.run();
      again = false;
    } catch (const std::exception& error) {
      base::log_error("a health check failed", {{"error", error.what()}});
    }
  }
}

bool HealthServer::Impl::listen(const std::string& host, int port) {
  error_code error;
  const auto flags = tcp::resolver::passive | tcp::resolver::numeric_service;
  const auto found = tcp::resolver(io).resolve(host, std::to_string(port), flags, error);
  for (const auto& entry : found) {
    if (listen_on(acceptor, entry.endpoint())) return true;
  }
  return false;
}

void HealthServer::Impl::accept() {
  acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
    if (!error) {
      accept();
      return begin(std::move(socket));
    }
    pause.expires_after(kAcceptPause);
    pause.async_wait([this](const error_code&) { accept(); });
  });
}

void HealthServer::Impl::begin(tcp::socket socket) {
  std::erase_if(sessions, [](const auto& session) { return session.expired(); });
  if (sessions.size() == kMostSessions) {
    if (const auto oldest = sessions.front().lock()) oldest->drop();
    sessions.pop_front();
  }
  const auto session = std::make_shared<HealthSession>(std::move(socket), pages);
  sessions.push_back(session);
  session->start();
}

base::Result<std::pair<std::string, int>> parse_listen(const std::string& listen) {
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos) return bad_listen(listen);
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of("[]:") != std::string::npos) {
    return bad_listen(listen);  // "::1" may be an address without port as well
  }
  if (host.empty()) host = "0.0.0.0";
  int port = 0;
  const char* end = listen.data() + listen.size();
  const auto [parsed, error] = std::from_chars(listen.data() + colon + 1, end, port);
  if (error != std::errc() || parsed != end || port < 1 || port > 65535) return bad_listen(listen);
  return std::pair(host, port);
}

HealthServer::HealthServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HealthServer::~HealthServer() = default;

base::Result<std::unique_ptr<HealthServer>> HealthServer::start(const std::string& listen,
                                                                HealthPages pages) {
  const auto address = parse_listen(listen);
  if (!address) return base::Failure(address.error());
  auto impl = std::make_unique<Impl>(std::move(pages));
  if (!impl->listen(address->first, address->second)) return unusable(listen);
  impl->accept();
  impl->thread = std::thread([raw = impl.get()] { raw->run(); });
  return std::unique_ptr<HealthServer>(new HealthServer(std::move(impl)));
}

}  // namespace controller
