#include "kube/list_page.h"

#include "json/stream.h"

namespace kube {

base::Result<ListPage> fetch_list_page(Transport& transport, const Resource& resource,
                                       const ListQuery& query, const OnItem& on_item,
                                       const std::stop_token& stop) {
  const Request request = list_request(resource, query);
  json::ListSplitter splitter([&](std::string_view text) -> base::Result<void> {
    const auto item = json::Document::parse(text);
    if (!item) return base::fail(base::ErrorKind::Protocol, item.error().message);
    on_item(item->root());
    return {};
  });
  const auto feed = [&](std::string_view chunk) { return splitter.feed(chunk); };
  if (auto done = transport.stream(request, feed, stop); !done) return tl::unexpected(done.error());
  const auto list = splitter.finish();
  if (!list) return tl::unexpected(list.error().with_context(request.to_string()));
  const json::View metadata = (*list)["metadata"];
  return ListPage{metadata["resourceVersion"].string(), metadata["continue"].string()};
}

}  // namespace kube
