// Errors as values: an Error says which operation failed and why; callers add context on the way
// up.
#pragma once

#include <tl/expected.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace base {

enum class ErrorKind {
  NotFound,       // the object, or the kind, does not exist on the server
  Conflict,       // another writer was faster: observe and plan again
  AlreadyExists,  // create found an object of that name
  Gone,           // a resourceVersion is too old to watch from
  Forbidden,      // RBAC or admission said no
  Invalid,        // our input, or an object that others wrote, is not acceptable
  Throttled,      // 429: retry later
  Unavailable,    // the server could not be reached, or answered 5xx
  Timeout,        // no answer within the time allowed
  Cancelled,      // we are shutting down, or lost the lease
  Protocol,       // an answer that could not be understood
  Internal,       // a bug of ours, or the operating system refused something basic
};

std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::Internal;
  std::string message;
  // The time that the server asked us to wait (429 and 5xx); nullopt if it did not.
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
  // Machine-readable cause of a Kubernetes Status, e.g. "DisruptionBudget"; empty when there is
  // none.
  std::string cause = {};

  // The same error with "context: " in front of its message.
  Error with_context(std::string_view context) const;
  bool operator==(const Error&) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

// Shorthand: return fail(ErrorKind::Invalid, "...").
Failure fail(ErrorKind kind, std::string message);

}  // namespace base
