#include "controller/serve/health_session.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <utility>

namespace controller {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// Time limit for a request, and for its answer. The kubelet and Prometheus are on this node or near
// it.
constexpr std::chrono::seconds kLongest{1};
constexpr std::uint32_t kLongestHeaders = 8 * 1024;
constexpr unsigned kHttp11 = 11;

using Request = http::request_parser<http::empty_body>;
using Answer = http::response<http::string_body>;

void set_text(Answer& answer, http::status status, std::string text) {
  answer.result(status);
  answer.set(http::field::content_type, "text/plain");
  answer.body() = std::move(text);
}

void set_health(Answer& answer, bool good) {
  set_text(answer, good ? http::status::ok : http::status::service_unavailable,
           good ? "ok\n" : "not ok\n");
}

void refuse_method(Answer& answer) {
  set_text(answer, http::status::method_not_allowed, "only GET and HEAD\n");
  answer.set(http::field::allow, "GET, HEAD");
}

void show_page(Answer& answer, boost::beast::string_view path, const HealthPages& pages) {
  if (path == "/healthz") return set_health(answer, pages.healthy());
  if (path == "/readyz") return set_health(answer, pages.ready());
  if (path != "/metrics") return set_text(answer, http::status::not_found, "not found\n");
  set_text(answer, http::status::ok, pages.metrics());
  answer.set(http::field::content_type, "text/plain; version=0.0.4");
}

void show(Answer& answer, const http::request<http::empty_body>& request,
          const HealthPages& pages) {
  const bool head = request.method() == http::verb::head;
  if (!head && request.method() != http::verb::get) return refuse_method(answer);
  const auto target = request.target();
  show_page(answer, target.substr(0, target.find('?')), pages);
  answer.content_length(answer.body().size());
  if (head) answer.body().clear();
}

void refuse(Answer& answer, const error_code& error) {
  const bool long_headers =
      error == http::error::header_limit || error == http::error::buffer_overflow;
  set_text(answer,
           long_headers ? http::status::request_header_fields_too_large : http::status::bad_request,
           "refused\n");
}

// True if the client's request is at fault, and not the connection.
bool is_bad_request(const error_code& error) {
  return error.category() == make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace

struct HealthSession::Messages {
  boost::beast::flat_buffer buffer{kLongestHeaders};
  Request request;
  Answer answer{http::status::ok, kHttp11};
};

HealthSession::HealthSession(asio::ip::tcp::socket socket, const HealthPages& pages)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      pages_(pages),
      messages_(std::make_unique<Messages>()) {
  messages_->request.header_limit(kLongestHeaders);
  // A request that announces a body gets a refusal as its answer; the body is never read.
  messages_->request.body_limit(boost::none);
}

HealthSession::~HealthSession() = default;

void HealthSession::start() {
  limit_time();
  read_headers();
}

void HealthSession::drop() {
  error_code ignored;
  // The kernel keeps nothing for a client that does not read.
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  deadline_.cancel();
}

void HealthSession::limit_time() {
  deadline_.expires_after(kLongest);
  deadline_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->drop();
  });
}

void HealthSession::read_headers() {
  http::async_read_header(
      socket_, messages_->buffer, messages_->request,
      [self = shared_from_this()](const error_code& error, std::size_t) { self->answer(error); });
}

void HealthSession::answer(const error_code& error) {
  if (error && !is_bad_request(error)) return drop();
  auto& answer = messages_->answer;
  if (error) {
    refuse(answer, error);
  } else {
    answer.version(messages_->request.get().version());
    show(answer, messages_->request.get(), pages_);
  }
  answer.keep_alive(false);
  if (!answer.has_content_length()) answer.prepare_payload();
  write();
}

void HealthSession::write() {
  limit_time();
  http::async_write(socket_, messages_->answer,
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (error) return self->drop();
                      error_code ignored;
                      self->socket_.shutdown(asio::socket_base::shutdown_both, ignored);
                      self->socket_.close(ignored);
                      self->deadline_.cancel();
                    });
}

}  // namespace controller
