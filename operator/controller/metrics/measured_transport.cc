#include "controller/metrics/measured_transport.h"

#include <fmt/format.h>

#include <chrono>

namespace controller {
namespace {

// Instead of a code where the API server gave no answer; the name that client-go has for it.
constexpr const char* kNoAnswer = "<error>";
constexpr const char* kStreamed = "200";

std::string code_of(const base::Result<kube::Response>& answer) {
  return answer ? fmt::format("{}", answer->status) : kNoAnswer;
}

// An Error does not have the status code.
std::string code_of(const base::Result<void>& ended) {
  const bool whole = ended || ended.error().kind == base::ErrorKind::Cancelled;
  return whole ? kStreamed : kNoAnswer;
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
