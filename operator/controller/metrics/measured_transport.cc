#include "controller/metrics/measured_transport.h"

#include <fmt/format.h>

#include <chrono>

namespace controller {
namespace {

// Instead of a code where the API server gave no answer; the name that client-go has for it.
constexpr const char* kNoAnswer = "<error>";
constexpr const char* kDone = "200";

std::string code_of(const base::Result<kube::Response>& answer) {
  return answer ? fmt::format("{}", answer->status) : kNoAnswer;
}

// The status code of an answer that was read as an Error, by what kind of error it is: a refusal is
// an answer.
std::string code_of(const base::Error& error) {
  switch (error.kind) {
    case base::ErrorKind::Cancelled:  // we have ended a watch that went well
      return kDone;
    case base::ErrorKind::NotFound:
      return "404";
    case base::ErrorKind::Conflict:
    case base::ErrorKind::AlreadyExists:
      return "409";
    case base::ErrorKind::Gone:
      return "410";
    case base::ErrorKind::Forbidden:
      return "403";
    case base::ErrorKind::Invalid:
      return "422";
    case base::ErrorKind::Throttled:
      return "429";
    case base::ErrorKind::Unavailable:
    case base::ErrorKind::Timeout:
    case base::ErrorKind::Protocol:
    case base::ErrorKind::Internal:
      return kNoAnswer;
  }
  return kNoAnswer;
}

std::string code_of(const base::Result<void>& ended) {
  return ended ? kDone : code_of(ended.error());
}

}  // namespace

base::Result<kube::Response> MeasuredTransport::send(const kube::Request& request) {
  const auto begin = clock_.steady_now();
  auto answer = transport_.send(request);
  const std::chrono::duration<double> took = clock_.steady_now() - begin;
  metrics_.count_request(kube::to_string(request.method), code_of(answer), took.count());
  return answer;
}

base::Result<void> MeasuredTransport::stream(const kube::Request& request, const OnChunk& on_chunk,
                                             const std::stop_token& stop) {
  auto ended = transport_.stream(request, on_chunk, stop);
  metrics_.count_stream(kube::to_string(request.method), code_of(ended));
  return ended;
}

}  // namespace controller
