#include "kube/answer_kind.h"

#include "base/utf8.h"

#include <fmt/format.h>

namespace kube {
namespace {

// Names of kinds are short; what stands in their place need not be.
constexpr std::size_t kLongestName = 64;

std::string name_of(json::View value) {
  return base::clean_utf8(base::cut_utf8(value.string_view(), kLongestName));
}

bool is_of(json::View body, const std::string& api_version, std::string_view kind) {
  return body["kind"].string_view() == kind && body["apiVersion"].string_view() == api_version;
}

template <typename IsExpected>
base::Result<json::Document> read_expected(const Resource& resource, const Request& request,
                                           const Response& response, IsExpected is_expected) {
  auto body = read_response(request, response);
  if (!body || is_expected(body->root())) return body;
  const auto wanted = fmt::format("{} {}", resource.api_version(), resource.kind);
  return tl::unexpected(wrong_kind(wanted, body->root()).with_context(request.to_string()));
}

}  // namespace

bool is_object_of(json::View body, const Resource& resource) {
  return is_of(body, resource.api_version(), resource.kind);
}

bool is_list_of(json::View body, const Resource& resource) {
  return is_of(body, resource.api_version(), fmt::format("{}List", resource.kind));
}

bool is_success(json::View body) {
  return body["kind"].string_view() == "Status" && body["status"].string_view() == "Success";
}

base::Error wrong_kind(std::string_view wanted, json::View body) {
  return {base::ErrorKind::Protocol,
          fmt::format("the answer should be a {}, and has apiVersion \"{}\" and kind \"{}\"",
                      wanted, name_of(body["apiVersion"]), name_of(body["kind"]))};
}

base::Result<json::Document> read_object(const Resource& resource, const Request& request,
                                         const Response& response) {
  return read_expected(resource, request, response,
                       [&](json::View body) { return is_object_of(body, resource); });
}

base::Result<json::Document> read_object_or_success(const Resource& resource,
                                                    const Request& request,
                                                    const Response& response) {
  return read_expected(resource, request, response, [&](json::View body) {
    return is_success(body) || is_object_of(body, resource);
  });
}

}  // namespace kube
