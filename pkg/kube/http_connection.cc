#include "kube/http_connection.h"

#include "base/clock.h"
#include "kube/interrupter.h"
#include "net/ip_address.h"

#include <fmt/format.h>
#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace kube {
namespace {

using base::ErrorKind;
using std::chrono::steady_clock;

// The API server closes a connection that was idle for 90 seconds or more; a request must not race
// with that.
constexpr std::chrono::seconds kLongestIdle{60};
// The body of an answer that is no success, and of one that is not streamed.
constexpr std::size_t kLongestBody = 64u << 20;

steady_clock::time_point steady_now() { return base::SystemClock().steady_now(); }

void set_option(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof(value));
}

// A peer that vanished without a word is noticed after about half a minute, also in the middle of a
// silent watch.
void watch_peer(int socket) {
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
}

std::unique_ptr<httplib::ClientImpl> make_client(const ServerAddress& server) {
  if (server.scheme == Scheme::Https) {
    return std::make_unique<httplib::SSLClient>(server.host, server.port);
  }
  return std::make_unique<httplib::ClientImpl>(server.host, server.port);
}

}  // namespace

struct HttpConnection::Impl {
  explicit Impl(const ConnectionSettings& its) : settings(its), client(make_client(its.server)) {}

  ConnectionSettings settings;
  Interrupter interrupter;  // before the client, which it outlives
  std::unique_ptr<httplib::ClientImpl> client;
  std::string server_name;  // for SNI; empty for an address
  std::string tls_error;    // why the server's certificate was refused
  steady_clock::time_point last_used{};
  bool answered = false;

  void configure();
  base::Result<void> configure_tls(const TlsCredentials& credentials);
  static int on_verify(int good, X509_STORE_CTX* context);
  static void on_handshake(const SSL* ssl, int where, int);

  httplib::Request to_httplib(const Request& request, const std::string& token) const;
  bool send(httplib::Request& request, httplib::Response& answer, httplib::Error& error,
            const std::stop_token& stop);
  base::Error describe(httplib::Error error, base::Duration allowed) const;
};

void HttpConnection::Impl::configure() {
  client->set_keep_alive(true);
  client->set_tcp_nodelay(true);
  client->set_url_encode(false);  // Request::path is encoded already
  client->set_follow_location(false);
  client->set_connection_timeout(settings.connect_timeout);
  client->set_write_timeout(std::chrono::seconds(30));
  client->set_socket_options([this](socket_t socket) {
    watch_peer(socket);
    interrupter.opened(socket);
  });
}

base::Result<void> HttpConnection::Impl::configure_tls(const TlsCredentials& credentials) {
  auto& tls = static_cast<httplib::SSLClient&>(*client);
  if (!tls.is_valid()) return base::fail(ErrorKind::Internal, "OpenSSL cannot make a TLS context");
  // Off is httplib's own check, made after the handshake and only against the URL's host. OpenSSL
  // verifies instead, during the handshake: see SSL_VERIFY_PEER here and TlsCredentials::install().
  tls.enable_server_certificate_verification(false);
  SSL_CTX* const context = tls.ssl_context();
  const std::string& name =
      settings.tls_server_name.empty() ? settings.server.host : settings.tls_server_name;
  if (!net::IpAddress::parse(name)) server_name = name;
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verify);
  SSL_CTX_set_info_callback(context, on_handshake);
  return credentials.install(context, name);
}

int HttpConnection::Impl::on_verify(int good, X509_STORE_CTX* context) {
  if (good == 1) return 1;
  const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(context, index));
  auto* const impl = static_cast<Impl*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  impl->tls_error = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  return 0;
}

// httplib names the URL's host in the handshake, also when that is an address, which RFC 6066
// forbids.
void HttpConnection::Impl::on_handshake(const SSL* ssl, int where, int) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
  const auto* impl = static_cast<const Impl*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const char* const name = impl->server_name.empty() ? nullptr : impl->server_name.c_str();
  SSL_set_tlsext_host_name(const_cast<SSL*>(ssl), const_cast<char*>(name));
}

httplib::Request HttpConnection::Impl::to_httplib(const Request& request,
                                                  const std::string& token) const {
  httplib::Request made;
  made.method = kube::to_string(request.method);
  made.path = settings.server.path_prefix + request.path;
  made.body = request.body;
  made.headers.emplace("User-Agent", settings.user_agent);
  made.headers.emplace("Accept", "application/json");
  if (!request.content_type.empty()) made.headers.emplace("Content-Type", request.content_type);
  if (!token.empty()) made.headers.emplace("Authorization", "Bearer " + token);
  return made;
}

bool HttpConnection::Impl::send(httplib::Request& request, httplib::Response& answer,
                                httplib::Error& error, const std::stop_token& stop) {
  interrupter.begin();
  const std::stop_callback on_stop(stop, [this] { interrupter.interrupt(); });
  const bool good = client->send(request, answer, error);
  interrupter.end();
  return good;
}

base::Error HttpConnection::Impl::describe(httplib::Error error, base::Duration allowed) const {
  const std::string server = fmt::format("{}:{}", settings.server.host, settings.server.port);
  if (!tls_error.empty()) {
    return {ErrorKind::Unavailable,
            fmt::format("the certificate of {} is not to be trusted: {}", server, tls_error)};
  }
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
      return {ErrorKind::Unavailable, fmt::format("cannot connect to {}", server)};
    case httplib::Error::SSLConnection:
      return {ErrorKind::Unavailable, fmt::format("the TLS handshake with {} failed", server)};
    case httplib::Error::Read:
      if (steady_now() - last_used < allowed) break;
      return {ErrorKind::Timeout,
              fmt::format("no answer from {} within {}", server, base::to_string(allowed))};
    default:
      break;
  }
  return {ErrorKind::Unavailable, fmt::format("the connection to {} broke", server)};
}

HttpConnection::HttpConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpConnection::~HttpConnection() = default;

base::Result<std::unique_ptr<HttpConnection>> HttpConnection::make(
    const ConnectionSettings& settings, const TlsCredentials* credentials) {
  auto impl = std::make_unique<Impl>(settings);
  impl->configure();
  if (credentials != nullptr) {
    if (auto done = impl->configure_tls(*credentials); !done) return tl::unexpected(done.error());
  }
  return std::unique_ptr<HttpConnection>(new HttpConnection(std::move(impl)));
}

base::Result<Response> HttpConnection::run(const Request& request, const std::string& token,
                                           const Handler& handler, const std::stop_token& stop) {
  Response response;
  base::Result<void> handled;
  httplib::Request sent = impl_->to_httplib(request, token);
  sent.response_handler = [&](const httplib::Response& head) {
    impl_->answered = true;
    impl_->last_used = steady_now();
    response.status = head.status;
    return !stop.stop_requested();
  };
  sent.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    impl_->last_used = steady_now();
    if (stop.stop_requested()) return false;
    if (handler && response.succeeded()) {
      handled = handler({data, size});
    } else if (response.body.size() + size > kLongestBody) {
      handled = base::fail(ErrorKind::Protocol, "the answer is too long");
    } else {
      response.body.append(data, size);
    }
    return handled.has_value();
  };

  impl_->answered = false;
  impl_->last_used = steady_now();
  impl_->client->set_read_timeout(request.timeout);
  httplib::Response answer;
  httplib::Error error = httplib::Error::Success;
  const bool good = impl_->send(sent, answer, error, stop);
  if (!handled) return tl::unexpected(handled.error());
  if (stop.stop_requested()) return base::fail(ErrorKind::Cancelled, "the request was stopped");
  if (!good) return tl::unexpected(impl_->describe(error, request.timeout));
  impl_->last_used = steady_now();
  response.status = answer.status;
  response.retry_after = parse_retry_after(answer.get_header_value("Retry-After"));
  return response;
}

bool HttpConnection::is_fresh() const {
  return steady_now() - impl_->last_used < kLongestIdle && !impl_->interrupter.is_stale();
}

bool HttpConnection::has_answered() const { return impl_->answered; }

}  // namespace kube
