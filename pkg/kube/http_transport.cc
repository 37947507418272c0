#include "kube/http_transport.h"

#include "kube/bearer_token.h"
#include "kube/changing_credentials.h"
#include "kube/http_connection.h"

#include <atomic>
#include <csignal>
#include <mutex>
#include <new>
#include <vector>

namespace kube {
namespace {

using base::ErrorKind;
using Connection = std::unique_ptr<HttpConnection>;

base::Error with_request(const base::Error& error, const Request& request) {
  return error.with_context(request.to_string());
}

}  // namespace

struct HttpTransport::Impl {
  Impl(ConnectionSettings its, std::unique_ptr<ChangingCredentials> creds,
       const ClientConfig& config, std::size_t keep)
      : settings(std::move(its)), credentials(std::move(creds)), token(config), keep_idle(keep) {}

  const ConnectionSettings settings;
  const std::unique_ptr<ChangingCredentials> credentials;  // none for plain HTTP
  BearerToken token;
  const std::size_t keep_idle;
  std::stop_source closing;
  std::atomic<std::size_t> made{0};

  std::mutex mutex;
  std::vector<Connection> idle;  // protected by mutex; the one used last is at the back

  Connection take_idle();
  base::Result<Connection> connect();
  void give_back(Connection connection);
  base::Result<Response> run(const Request& request, const Transport::OnChunk& on_chunk,
                             const std::stop_token& stop);
  base::Result<Response> run_once(const Request& request, const std::string& bearer,
                                  const Transport::OnChunk& on_chunk, const std::stop_token& stop);
};

Connection HttpTransport::Impl::take_idle() {
  const std::lock_guard lock(mutex);
  while (!idle.empty()) {
    Connection connection = std::move(idle.back());
    idle.pop_back();
    if (connection->is_fresh()) return connection;
  }
  return nullptr;
}

base::Result<Connection> HttpTransport::Impl::connect() {
  ++made;
  const auto current = credentials ? credentials->get() : nullptr;
  return HttpConnection::make(settings, current.get());
}

void HttpTransport::Impl::give_back(Connection connection) {
  const std::lock_guard lock(mutex);
  if (idle.size() < keep_idle) idle.push_back(std::move(connection));
}

base::Result<Response> HttpTransport::Impl::run_once(const Request& request,
                                                     const std::string& bearer,
                                                     const Transport::OnChunk& on_chunk,
                                                     const std::stop_token& stop) {
  if (Connection kept = take_idle()) {
    auto answer = kept->run(request, bearer, on_chunk, stop);
    if (answer) {
      give_back(std::move(kept));
      return answer;
    }
    const bool broken = answer.error().kind == ErrorKind::Unavailable;
    if (!broken || request.method != Method::Get || kept->has_answered()) return answer;
  }
  auto fresh = connect();
  if (!fresh) return tl::unexpected(fresh.error());
  auto answer = (*fresh)->run(request, bearer, on_chunk, stop);
  if (answer) give_back(std::move(*fresh));
  return answer;
}

base::Result<Response> HttpTransport::Impl::run(const Request& request,
                                                const Transport::OnChunk& on_chunk,
                                                const std::stop_token& stop) {
  if (stop.stop_requested()) {
    return tl::unexpected(with_request({ErrorKind::Cancelled, "the request was stopped"}, request));
  }
  const auto bearer = token.get();
  if (!bearer) return tl::unexpected(with_request(bearer.error(), request));
  try {
    return run_once(request, *bearer, on_chunk, stop).map_error([&](const base::Error& error) {
      return with_request(error, request);
    });
  } catch (const std::bad_alloc&) {
    return tl::unexpected(with_request({ErrorKind::Unavailable, "not enough memory"}, request));
  }
}

HttpTransport::HttpTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpTransport::~HttpTransport() = default;

base::Result<std::unique_ptr<HttpTransport>> HttpTransport::make(
    const ClientConfig& config, const HttpTransportOptions& options) {
  auto server = parse_server_address(config.server);
  if (!server) return tl::unexpected(server.error());
  std::unique_ptr<ChangingCredentials> credentials;
  if (server->scheme == Scheme::Https) {
    auto loaded = ChangingCredentials::load(config);
    if (!loaded) return tl::unexpected(loaded.error());
    credentials = std::move(*loaded);
  }
  std::signal(SIGPIPE, SIG_IGN);
  auto lookup = std::make_shared<HostLookup>(server->host, server->port);
  ConnectionSettings settings{.server = std::move(*server),
                              .tls_server_name = config.tls_server_name,
                              .user_agent = options.user_agent,
                              .connect_timeout = options.connect_timeout,
                              .lookup = std::move(lookup)};
  return std::unique_ptr<HttpTransport>(new HttpTransport(std::make_unique<Impl>(
      std::move(settings), std::move(credentials), config, options.keep_idle)));
}

base::Result<Response> HttpTransport::send(const Request& request) {
  return impl_->run(request, nullptr, impl_->closing.get_token());
}

base::Result<void> HttpTransport::stream(const Request& request, const OnChunk& on_chunk,
                                         const std::stop_token& stop) {
  std::stop_source either;
  const auto request_stop = [&] { either.request_stop(); };
  const std::stop_callback on_stop(stop, request_stop);
  const std::stop_callback on_close(impl_->closing.get_token(), request_stop);
  const auto answer = impl_->run(request, on_chunk, either.get_token());
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->succeeded()) return tl::unexpected(error_of(request, *answer));
  return {};
}

void HttpTransport::close() { impl_->closing.request_stop(); }

std::size_t HttpTransport::connections_made() const { return impl_->made; }

}  // namespace kube
