#include "kube/discovery.h"

#include "kube/answer_kind.h"

#include <fmt/format.h>

#include <algorithm>

namespace kube {
namespace {

using base::ErrorKind;
using Answer = base::Result<json::Document>;

// The groups of a large cluster take some hundred kilobytes.
constexpr std::size_t kLongest = 4u << 20;

// Streams the answer, as streams can be stopped.
Answer fetch(Transport& transport, const std::string& path, std::string_view kind,
             const std::stop_token& stop) {
  const Request request = raw_request(path);
  Response response{.status = 200};
  const auto collect = [&](std::string_view chunk) -> base::Result<void> {
    response.body += chunk;
    if (response.body.size() <= kLongest) return {};
    return base::fail(ErrorKind::Protocol, "a discovery document is too long");
  };
  auto body = transport.stream(request, collect, stop).and_then([&] {
    return read_response(request, response);
  });
  if (!body || (*body)["kind"].string_view() == kind) return body;
  return tl::unexpected(wrong_kind(kind, body->root()).with_context(request.to_string()));
}

bool has(const json::View& list, std::string_view member, std::string_view value) {
  const auto items = list.items();
  return std::any_of(items.begin(), items.end(),
                     [&](json::View item) { return item[member].string_view() == value; });
}

bool has_version(json::View groups, const Resource& resource) {
  for (const auto& group : groups.items()) {
    if (group["name"].string_view() == resource.group)
      return has(group["versions"], "version", resource.version);
  }
  return false;
}

}  // namespace

base::Result<bool> is_served(Transport& transport, const Resource& resource,
                             const std::stop_token& stop) {
  const auto version = resource.api_version();
  const auto kinds = fetch(transport, fmt::format("/apis/{}", version), "APIResourceList", stop);
  if (kinds && (*kinds)["groupVersion"].string_view() == version)
    return has((*kinds)["resources"], "name", resource.plural);
  const auto groups = fetch(transport, "/apis", "APIGroupList", stop);
  if (!groups) return tl::unexpected(groups.error());
  if (!has_version((*groups)["groups"], resource)) return false;
  // The group names the version, but the version's own document is missing or is another one:
  // whether the kind is served is unknown.
  return kinds ? base::fail(ErrorKind::Protocol, "discovery answers for another version")
               : tl::unexpected(kinds.error());
}

}  // namespace kube
