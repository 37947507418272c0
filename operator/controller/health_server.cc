#include "controller/health_server.h"

#include <fmt/format.h>
#include <httplib.h>

#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

namespace controller {

struct HealthServer::Impl {
  httplib::Server server;
  std::thread thread;
};

namespace {

void answer(httplib::Response& response, bool good) {
  response.status = good ? 200 : 503;
  response.set_content(good ? "ok\n" : "not ok\n", "text/plain");
}

void route(httplib::Server& server, HealthServer::Pages pages) {
  server.Get("/healthz", [healthy = std::move(pages.healthy)](const auto&, auto& response) {
    answer(response, healthy());
  });
  server.Get("/readyz", [ready = std::move(pages.ready)](const auto&, auto& response) {
    answer(response, ready());
  });
  server.Get("/metrics", [metrics = std::move(pages.metrics)](const auto&, auto& response) {
    response.set_content(metrics(), "text/plain; version=0.0.4");
  });
}

base::Failure bad_listen(const std::string& listen) {
  return base::fail(
      base::ErrorKind::Invalid,
      fmt::format("--listen {}: wanted HOST:PORT, [IPV6]:PORT or :PORT with a port from 1 to 65535",
                  listen));
}

}  // namespace

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

HealthServer::~HealthServer() {
  impl_->server.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

base::Result<std::unique_ptr<HealthServer>> HealthServer::start(const std::string& listen,
                                                                Pages pages) {
  const auto address = parse_listen(listen);
  if (!address) return base::Failure(address.error());
  auto impl = std::make_unique<Impl>();
  // Not httplib's SO_REUSEPORT: two programs must not share an address without a word.
  impl->server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  // Connections that are kept open are waited for at the end.
  impl->server.set_keep_alive_timeout(1);
  // A probe and a scrape at the same time are all that ever comes.
  impl->server.new_task_queue = [] { return new httplib::ThreadPool(2); };
  route(impl->server, std::move(pages));
  if (!impl->server.bind_to_port(address->first.c_str(), address->second)) {
    return base::fail(
        base::ErrorKind::Unavailable,
        fmt::format(
            "--listen {}: the address cannot be used; choose another, or an empty one for none",
            listen));
  }
  impl->thread = std::thread([raw = impl.get()] { raw->server.listen_after_bind(); });
  // stop() has no effect before.
  for (int i = 0; i < 1000 && !impl->server.is_running(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return std::unique_ptr<HealthServer>(new HealthServer(std::move(impl)));
}

}  // namespace controller
