#include "kube/page_trail.h"

#include <fmt/format.h>

#include <functional>

namespace kube {
namespace {

// A million objects at 500 a page; Kubernetes is made for 150,000 pods, the most numerous kind.
constexpr std::size_t kMostPages = 2'000;

}  // namespace

base::Result<void> PageTrail::add(std::string_view continue_token) {
  if (!tokens_.insert(std::hash<std::string_view>()(continue_token)).second) {
    return base::fail(base::ErrorKind::Protocol, "a list leads back to a page that it had before");
  }
  if (tokens_.size() >= kMostPages) {
    return base::fail(base::ErrorKind::Protocol,
                      fmt::format("a list of more than {} pages was given up", kMostPages));
  }
  return {};
}

}  // namespace kube
