#include "kube/http_connection.h"

#include "base/clock.h"
#include "kube/http_client.h"
#include "kube/http_head_check.h"
#include "kube/interrupter.h"
#include "kube/redactor.h"
#include "net/ip_address.h"

#include <fmt/format.h>

namespace kube {
namespace {

using base::ErrorKind;
using std::chrono::steady_clock;

// The API server closes a connection that was idle for 90 seconds or more; a request must not race
// with that.
constexpr std::chrono::seconds kLongestIdle{60};
// An answer that is not streamed is one object: no server stores a larger one.
constexpr std::size_t kLongestBody = 8u << 20;
// The body of an unsuccessful answer is read up to this length; the rest is dropped.
constexpr std::size_t kLongestErrorBody = 1u << 20;
// A shorter token, which is unsafe anyway, would be found in harmless words.
constexpr std::size_t kShortestSecret = 8;

steady_clock::time_point steady_now() { return base::SystemClock().steady_now(); }

std::string secret_of(const std::string& token) {
  return token.empty() || token.size() >= kShortestSecret ? token : "Bearer " + token;
}

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

}  // namespace

struct HttpConnection::Impl {
  explicit Impl(const ConnectionSettings& its) : settings(its) {}

  ConnectionSettings settings;
  std::unique_ptr<SSL_CTX, FreeContext> tls;  // before the client, which it outlives, as:
  Interrupter interrupter;
  std::unique_ptr<HttpClient> client;
  std::string tls_error;  // why the server's certificate was refused
  steady_clock::time_point last_used{};
  bool answered = false;

  base::Result<void> configure_tls(const TlsCredentials& credentials, const std::string& name);
  base::Result<void> configure(const TlsCredentials* credentials);
  static int on_verify(int good, X509_STORE_CTX* context);

  base::Result<void> find_host(const std::stop_token& stop);
  httplib::Request to_httplib(const Request& request, const std::string& token) const;
  void begin(const Request& request);
  base::Error describe(httplib::Error error, const Request& request) const;
};

namespace {

// Receives one answer: hands its body to the handler as it comes, or keeps it.
class Receiver {
 public:
  Receiver(const HttpConnection::Handler& handler, const std::string& token)
      : handler_(handler), redactor_(secret_of(token)) {}

  // False ends the answer.
  bool take(std::string_view piece) { return keep(redactor_.feed(piece)); }
  bool finish() { return keep(redactor_.finish()); }

  Response response;
  base::Result<void> handled;  // what the handler said, or why the answer is refused
  bool is_cut = false;         // what there is of the answer is all that is wanted

 private:
  bool keep(std::string_view piece);

  const HttpConnection::Handler& handler_;
  Redactor redactor_;
};

bool Receiver::keep(std::string_view piece) {
  if (piece.empty()) return true;
  if (handler_ && response.succeeded()) {
    handled = handler_(piece);
    return handled.has_value();
  }
  const std::size_t longest = response.succeeded() ? kLongestBody : kLongestErrorBody;
  const bool fits = response.body.size() + piece.size() <= longest;
  if (!fits && response.succeeded()) {
    handled = base::fail(ErrorKind::Protocol, "the answer is too long");
    return false;
  }
  response.body.append(piece.substr(0, longest - response.body.size()));
  is_cut = !fits;
  return fits;
}

}  // namespace

base::Result<void> HttpConnection::Impl::configure(const TlsCredentials* credentials) {
  if (!interrupter.is_valid()) return base::fail(ErrorKind::Internal, "no descriptor left");
  const std::string& name =
      settings.tls_server_name.empty() ? settings.server.host : settings.tls_server_name;
  if (credentials != nullptr) {
    if (auto done = configure_tls(*credentials, name); !done) return done;
  }
  HttpClient::Settings how{.host = settings.server.host,
                           .port = settings.server.port,
                           .connect_timeout = settings.connect_timeout,
                           .tls = tls.get(),
                           .server_name = net::IpAddress::parse(name) ? "" : name};
  client = std::make_unique<HttpClient>(std::move(how), interrupter);
  client->set_keep_alive(true);
  client->set_url_encode(false);  // Request::path is encoded already
  client->set_follow_location(false);
  return {};
}

base::Result<void> HttpConnection::Impl::configure_tls(const TlsCredentials& credentials,
                                                       const std::string& name) {
  tls.reset(SSL_CTX_new(TLS_client_method()));
  if (!tls) return base::fail(ErrorKind::Internal, "OpenSSL cannot make a TLS context");
  SSL_CTX_set_app_data(tls.get(), this);
  SSL_CTX_set_verify(tls.get(), SSL_VERIFY_PEER, on_verify);
  return credentials.install(tls.get(), name);
}

int HttpConnection::Impl::on_verify(int good, X509_STORE_CTX* context) {
  if (good == 1) return 1;
  const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(context, index));
  auto* const impl = static_cast<Impl*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  impl->tls_error = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  return 0;
}

base::Result<void> HttpConnection::Impl::find_host(const std::stop_token& stop) {
  if (client->has_addresses()) return {};
  auto found = settings.lookup->find(interrupter.deadline(), stop);
  if (!found) return tl::unexpected(found.error());
  client->set_addresses(std::move(*found));
  return {};
}

httplib::Request HttpConnection::Impl::to_httplib(const Request& request,
                                                  const std::string& token) const {
  httplib::Request made;
  made.method = kube::to_string(request.method);
  made.path = settings.server.path_prefix + request.path;
  made.body = request.body;
  made.headers.emplace("User-Agent", settings.user_agent);
  made.headers.emplace("Accept", "application/json");
  made.headers.emplace("Accept-Encoding", "identity");
  if (!request.content_type.empty()) made.headers.emplace("Content-Type", request.content_type);
  if (!token.empty()) made.headers.emplace("Authorization", "Bearer " + token);
  return made;
}

void HttpConnection::Impl::begin(const Request& request) {
  answered = false;
  interrupter.begin(steady_now() + request.timeout);
  client->begin(request.gate);
}

base::Error HttpConnection::Impl::describe(httplib::Error error, const Request& request) const {
  const std::string server = fmt::format("{}:{}", settings.server.host, settings.server.port);
  if (client->was_refused()) return not_permitted();
  if (!tls_error.empty()) {
    return {ErrorKind::Unavailable,
            fmt::format("the certificate of {} is not to be trusted: {}", server, tls_error)};
  }
  if (client->head_was_too_long()) {
    return {ErrorKind::Protocol, fmt::format("the head of the answer of {} is too long", server)};
  }
  if (interrupter.is_late()) {
    return {ErrorKind::Timeout, fmt::format("no whole answer from {} within {}", server,
                                            base::to_string(request.timeout))};
  }
  switch (error) {
    case httplib::Error::Connection:
      return {ErrorKind::Unavailable, fmt::format("cannot connect to {}", server)};
    case httplib::Error::SSLConnection:
      return {ErrorKind::Unavailable, fmt::format("the TLS handshake with {} failed", server)};
    default:
      return {ErrorKind::Unavailable, fmt::format("the connection to {} broke", server)};
  }
}

HttpConnection::HttpConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpConnection::~HttpConnection() = default;

base::Result<std::unique_ptr<HttpConnection>> HttpConnection::make(
    const ConnectionSettings& settings, const TlsCredentials* credentials) {
  auto impl = std::make_unique<Impl>(settings);
  if (auto done = impl->configure(credentials); !done) return tl::unexpected(done.error());
  return std::unique_ptr<HttpConnection>(new HttpConnection(std::move(impl)));
}

base::Result<Response> HttpConnection::run(const Request& request, const std::string& token,
                                           const Handler& handler, const std::stop_token& stop) {
  impl_->begin(request);
  const std::stop_callback on_stop(stop, [this] { impl_->interrupter.interrupt(); });
  if (auto found = impl_->find_host(stop); !found) return tl::unexpected(found.error());

  Receiver receiver(handler, token);
  httplib::Request sent = impl_->to_httplib(request, token);
  sent.response_handler = [&](const httplib::Response& head) {
    impl_->answered = true;
    impl_->client->head_ended();
    receiver.response.status = head.status;
    receiver.handled = check_head(head);
    return receiver.handled && !stop.stop_requested();
  };
  sent.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    return !stop.stop_requested() && receiver.take({data, size});
  };
  httplib::Response answer;
  httplib::Error error = httplib::Error::Success;
  const bool good = impl_->client->send(sent, answer, error) && receiver.finish();
  if (!receiver.handled) return tl::unexpected(receiver.handled.error());
  if (stop.stop_requested()) return base::fail(ErrorKind::Cancelled, "the request was stopped");
  if (!good && !receiver.is_cut) return tl::unexpected(impl_->describe(error, request));
  if (answer.status < 200) return base::fail(ErrorKind::Protocol, "an interim answer came alone");
  impl_->last_used = steady_now();
  receiver.response.status = answer.status;
  receiver.response.retry_after = parse_retry_after(answer.get_header_value("Retry-After"));
  return std::move(receiver.response);
}

bool HttpConnection::is_fresh() const {
  return steady_now() - impl_->last_used < kLongestIdle && impl_->client->is_idle();
}

bool HttpConnection::has_answered() const { return impl_->answered; }

}  // namespace kube
