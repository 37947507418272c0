// The API server's answer and its meaning: a JSON document or an Error. No I/O.
#pragma once

#include "base/error.h"
#include "base/time.h"
#include "json/value.h"
#include "kube/request.h"

#include <optional>
#include <string>

namespace kube {

struct Response {
  int status = 0;
  std::string body = {};
  std::optional<base::Duration> retry_after = std::nullopt;  // the header of that name

  bool succeeded() const { return status >= 200 && status < 300; }
};

// The document of a successful answer, else the error of error_of(); also for a Status that reports
// a failure, whatever code it came with.
base::Result<json::Document> read_response(const Request& request, const Response& response);

// For an unsuccessful answer: the kind by status code and the reason of the metav1.Status in the
// body (NotFound, Conflict and AlreadyExists only if such a Status says so), its message behind
// "VERB path: ", the first cause (e.g. DisruptionBudget), and for 429 and 5xx the time to wait.
base::Error error_of(const Request& request, const Response& response);

// The same for a metav1.Status that came as an object of type ERROR in a watch.
base::Error error_of_status(json::View status);

// Value of a Retry-After header: whole seconds; a date or anything else counts as absent.
std::optional<base::Duration> parse_retry_after(std::string_view text);

}  // namespace kube
