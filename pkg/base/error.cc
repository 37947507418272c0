#include "base/error.h"

#include <fmt/format.h>

namespace base {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::NotFound:
      return "NotFound";
    case ErrorKind::Conflict:
      return "Conflict";
    case ErrorKind::AlreadyExists:
      return "AlreadyExists";
    case ErrorKind::Gone:
      return "Gone";
    case ErrorKind::Forbidden:
      return "Forbidden";
    case ErrorKind::Invalid:
      return "Invalid";
    case ErrorKind::Throttled:
      return "Throttled";
    case ErrorKind::Unavailable:
      return "Unavailable";
    case ErrorKind::Timeout:
      return "Timeout";
    case ErrorKind::Cancelled:
      return "Cancelled";
    case ErrorKind::Protocol:
      return "Protocol";
    case ErrorKind::Internal:
      return "Internal";
  }
  return "Internal";
}

Error Error::with_context(std::string_view context) const {
  Error copy = *this;
  copy.message = fmt::format("{}: {}", context, message);
  return copy;
}

Failure fail(ErrorKind kind, std::string message) {
  return Failure(Error{kind, std::move(message)});
}

}  // namespace base
