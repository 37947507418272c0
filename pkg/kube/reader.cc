#include "kube/reader.h"

#include "kube/answer_kind.h"
#include "kube/page_trail.h"

namespace kube {
namespace {

constexpr int kMostRestarts = 5;

}  // namespace

base::Result<json::Document> Reader::get(const ObjectRef& object) const {
  const Request request = get_request(object);
  const auto response = transport_.send(request);
  if (!response) return tl::unexpected(response.error());
  return read_object(object.resource, request, *response);
}

base::Result<json::Document> Reader::get_raw(std::string_view path) const {
  const Request request = raw_request(std::string(path));
  const auto response = transport_.send(request);
  if (!response) return tl::unexpected(response.error());
  return read_response(request, *response);
}

base::Result<std::string> Reader::list(const Resource& resource, const ListQuery& query,
                                       const OnItem& on_item,
                                       const std::function<void()>& on_restart,
                                       const std::stop_token& stop) const {
  ListQuery next = query;
  PageTrail trail;
  int restarts = 0;
  while (true) {
    const auto page = fetch_list_page(transport_, resource, next, on_item, stop);
    if (page && page->continue_token.empty()) return page->resource_version;
    const bool expired = !page && page.error().kind == base::ErrorKind::Gone;
    if (!page && (!expired || next.continue_token.empty() || ++restarts > kMostRestarts)) {
      return tl::unexpected(page.error());
    }
    if (expired) {
      trail.clear();
      if (on_restart) on_restart();
    } else if (const auto added = trail.add(page->continue_token); !added) {
      return tl::unexpected(added.error());
    }
    next.continue_token = expired ? "" : page->continue_token;
  }
}

}  // namespace kube
