#include "kube/response.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace kube {
namespace {

using base::ErrorKind;

constexpr std::size_t kLongestExcerpt = 300;
constexpr std::chrono::seconds kLongestRetryAfter{60};

// Parts of messages of "500 Internal Server Error" that are the fault of something that comes back:
// etcd choosing a leader, an admission webhook whose pod moves, a backend that was slow.
constexpr std::array<std::string_view, 7> kPassing{
    "etcdserver",         "failed calling webhook",
    "connection refused", "context deadline exceeded",
    "connection reset",   "timed out",
    "leader changed"};

bool is_passing(json::View status) {
  const std::string_view message = status["message"].string_view();
  return status["reason"].string_view() == "ServerTimeout" ||
         status["details"]["retryAfterSeconds"].exists() ||
         std::any_of(kPassing.begin(), kPassing.end(), [&](std::string_view part) {
           return message.find(part) != std::string_view::npos;
         });
}

ErrorKind kind_of_conflict(std::string_view reason) {
  if (reason == "AlreadyExists") return ErrorKind::AlreadyExists;
  return reason == "Conflict" ? ErrorKind::Conflict : ErrorKind::Protocol;
}

// NotFound and Conflict need the API server's own Status: a proxy's page of the same code says
// nothing about the object.
ErrorKind kind_of_client_error(int code, std::string_view reason) {
  switch (code) {
    case 401:
    case 403:
      return ErrorKind::Forbidden;
    case 404:
      return reason == "NotFound" ? ErrorKind::NotFound : ErrorKind::Protocol;
    case 408:
      return ErrorKind::Timeout;
    case 409:
      return kind_of_conflict(reason);
    case 410:
      return ErrorKind::Gone;
    case 429:
      return ErrorKind::Throttled;
    default:
      return reason == "Expired" ? ErrorKind::Gone : ErrorKind::Invalid;
  }
}

// An etcd that was restored from a backup is behind what was read from it before.
bool is_version_too_large(json::View status) {
  const auto causes = status["details"]["causes"].items();
  return std::any_of(causes.begin(), causes.end(),
                     [](json::View cause) {
                       return cause["reason"].string_view() == "ResourceVersionTooLarge";
                     }) ||
         status["message"].string_view().starts_with("Too large resource version");
}

ErrorKind kind_of(int code, json::View status) {
  if (code >= 400 && code < 500) return kind_of_client_error(code, status["reason"].string_view());
  if (code < 500) return ErrorKind::Protocol;
  if (is_version_too_large(status)) return ErrorKind::Gone;
  if (code == 504) return ErrorKind::Timeout;
  // A bare 500 comes from something in front of the API server.
  const bool lasting = code == 500 && status.exists() && !is_passing(status);
  return lasting ? ErrorKind::Internal : ErrorKind::Unavailable;
}

// The beginning of a body that is not a Status, on one line.
std::string excerpt(std::string_view body) {
  std::string text = base::clean_utf8(base::cut_utf8(body, kLongestExcerpt));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::optional<base::Duration> details_retry_after(json::View status) {
  const auto seconds = status["details"]["retryAfterSeconds"].maybe_integer();
  if (!seconds || *seconds <= 0) return std::nullopt;
  return std::chrono::seconds(std::min<std::int64_t>(*seconds, kLongestRetryAfter.count()));
}

// Other codes may have the field, too, but there a retry is useless.
bool may_name_delay(int code) { return code == 429 || code >= 500; }

base::Error make_error(int code, json::View status) {
  base::Error error{kind_of(code, status), status["message"].string()};
  if (may_name_delay(code)) error.retry_after = details_retry_after(status);
  const json::View cause = status["details"]["causes"].at(0);
  error.cause = cause["reason"].string();
  // Only the cause names the budget, and says what it needs.
  if (error.cause == "DisruptionBudget" && cause["message"].exists()) {
    error.message += " " + cause["message"].string();
  }
  // A patch that names the uid of an object that was replaced meanwhile is called invalid by the
  // server.
  if (error.kind == ErrorKind::Invalid && cause["field"].string_view() == "metadata.uid") {
    error.kind = ErrorKind::Conflict;
  }
  return error;
}

void add_hint(base::Error& error, int code) {
  if (code != 401) return;
  error.message +=
      " (the API server does not accept our credentials: is the token expired, or the client "
      "certificate from another cluster?)";
}

bool is_status(json::View body) { return body["kind"].string_view() == "Status"; }

// Comes with a code of success, too: 201 for the eviction of a pod with more than one budget.
bool is_failure(json::View body) {
  return is_status(body) && body["status"].string_view() == "Failure";
}

}  // namespace

base::Error error_of_status(json::View status) {
  base::Error error = make_error(static_cast<int>(status["code"].integer(500)), status);
  if (status["reason"].string_view() == "Expired") error.kind = ErrorKind::Gone;
  return error;
}

base::Error error_of(const Request& request, const Response& response) {
  const auto body = json::Document::parse(response.body);
  const json::View status = body && is_status(body->root()) ? body->root() : json::View();
  base::Error error = make_error(response.status, status);
  if (error.message.empty()) {
    error.message = fmt::format("status {}", response.status);
    if (!response.body.empty()) error.message += ": " + excerpt(response.body);
  }
  if (may_name_delay(response.status) && !error.retry_after) {
    error.retry_after = response.retry_after;
  }
  add_hint(error, response.status);
  return error.with_context(request.to_string());
}

base::Result<json::Document> read_response(const Request& request, const Response& response) {
  if (!response.succeeded()) return tl::unexpected(error_of(request, response));
  auto document = json::Document::parse(response.body);
  if (document && is_failure(document->root()))
    return tl::unexpected(error_of_status(document->root()).with_context(request.to_string()));
  if (document) return document;
  return base::fail(ErrorKind::Protocol,
                    fmt::format("{}: {}", request.to_string(), document.error().message));
}

std::optional<base::Duration> parse_retry_after(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min<std::int64_t>(seconds, kLongestRetryAfter.count()));
}

}  // namespace kube
