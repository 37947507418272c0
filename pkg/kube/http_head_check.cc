#include "kube/http_head_check.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <string>

namespace kube {
namespace {

using base::ErrorKind;

// Two lengths (from the server, or from a proxy before it) would make httplib read another body
// than was sent: the bytes behind it would be taken for the next answer.
base::Result<void> check_length(const httplib::Response& head) {
  const std::string first = head.get_header_value("Content-Length");
  const auto count = head.get_header_value_count("Content-Length");
  for (std::size_t i = 1; i < count; ++i) {
    if (head.get_header_value("Content-Length", i) == first) continue;
    return base::fail(ErrorKind::Protocol, "the answer has two different Content-Lengths");
  }
  if (first.find_first_not_of("0123456789") == std::string::npos) return {};
  return base::fail(ErrorKind::Protocol, fmt::format("the answer's Content-Length is no number: {}",
                                                     base::excerpt(first)));
}

base::Result<void> check_encoding(const httplib::Response& head) {
  const std::string encoding = head.get_header_value("Content-Encoding");
  if (encoding.empty() || encoding == "identity") return {};
  return base::fail(
      ErrorKind::Protocol,
      fmt::format("the answer is encoded as {}, which was not asked for; does a proxy do that?",
                  base::excerpt(encoding)));
}

}  // namespace

base::Result<void> check_head(const httplib::Response& head) {
  return check_length(head).and_then([&] { return check_encoding(head); });
}

}  // namespace kube
