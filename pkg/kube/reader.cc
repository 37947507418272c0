#include "kube/reader.h"

#include "kube/page_trail.h"

namespace kube {
namespace {

constexpr int kMostRestarts = 5;

base::Result<json::Document> fetch(Transport& transport, const Request& request) {
  const auto response = transport.send(request);
  if (!response) return tl::unexpected(response.error());
  return read_response(request, *response);
}

}  // namespace

base::Result<json::Document> Reader::get(const ObjectRef& object) const {
  return fetch(transport_, get_request(object));
}

base::Result<json::Document> Reader::get_raw(std::string_view path) const {
  return fetch(transport_, raw_request(std::string(path)));
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
