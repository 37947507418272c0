#include "kube/list_page.h"

#include "json/stream.h"
#include "kube/answer_kind.h"
#include "kube/discovery.h"

#include <fmt/format.h>

#include <optional>

namespace kube {
namespace {

using base::ErrorKind;

// Hands on items of the requested kind only. Lists of built-in kinds state their kind before the
// items, and their items do not; lists of custom kinds state it after the items, and each item
// does.
class ItemCheck {
 public:
  ItemCheck(const Resource& resource, const OnItem& on_item)
      : resource_(resource), on_item_(on_item) {}

  base::Result<void> take(const json::ListSplitter& list, std::string_view text) {
    const auto item = json::Document::parse(text);
    if (!item) return base::fail(ErrorKind::Protocol, item.error().message);
    if (!announced_) {
      const auto beginning = list.beginning();
      if (!beginning) return tl::unexpected(beginning.error());
      announced_ = is_list_of(beginning->root(), resource_);
    }
    if (!*announced_ && !is_object_of(item->root(), resource_)) return refuse(item->root());
    on_item_(item->root());
    return {};
  }

 private:
  base::Failure refuse(json::View item) const {
    return base::Failure(
        wrong_kind(fmt::format("{} {}", resource_.api_version(), resource_.kind), item));
  }

  const Resource& resource_;
  const OnItem& on_item_;
  std::optional<bool> announced_;  // whether the list has said what it is
};

base::Result<json::Document> read_list(Transport& transport, const Request& request,
                                       const json::Keep& keep, ItemCheck check,
                                       const std::stop_token& stop) {
  const json::ListSplitter* whole = nullptr;
  const auto take = [&](std::string_view text) { return check.take(*whole, text); };
  json::ListSplitter splitter(take, json::kLongestObject, keep);
  whole = &splitter;
  const auto feed = [&](std::string_view chunk) { return splitter.feed(chunk); };
  if (auto done = transport.stream(request, feed, stop); !done) return tl::unexpected(done.error());
  auto list = splitter.finish();
  if (!list) return tl::unexpected(list.error().with_context(request.to_string()));
  return list;
}

base::Failure no_list(const Resource& resource, const Request& request, json::View answer) {
  const auto wanted = fmt::format("{} {}List", resource.api_version(), resource.kind);
  return base::Failure(wrong_kind(wanted, answer).with_context(request.to_string()));
}

// CustomResourceDefinitions need a group with a dot; groups without one are the API server's own.
bool is_always_served(const Resource& resource) {
  return resource.group.find('.') == std::string_view::npos;
}

base::Error explained(Transport& transport, const Resource& resource, base::Error error,
                      const std::stop_token& stop) {
  if (error.kind != ErrorKind::NotFound && error.kind != ErrorKind::Protocol) return error;
  error.kind = ErrorKind::Protocol;
  if (is_always_served(resource)) return error;
  const auto served = is_served(transport, resource, stop);
  // Forbidden: the operator may not ask whether it is served, and that right is what is missing.
  if (!served && served.error().kind == ErrorKind::Forbidden) return served.error();
  if (served && !*served) error.kind = ErrorKind::NotFound;
  return error;
}

}  // namespace

base::Result<ListPage> fetch_list_page(Transport& transport, const Resource& resource,
                                       const ListQuery& query, const OnItem& on_item,
                                       const std::stop_token& stop) {
  const Request request = list_request(resource, query);
  const json::Keep& keep = query.keep ? *query.keep : json::Keep::everything();
  auto list = read_list(transport, request, keep, {resource, on_item}, stop);
  if (list && !is_list_of(list->root(), resource)) list = no_list(resource, request, list->root());
  if (!list) return tl::unexpected(explained(transport, resource, list.error(), stop));
  const json::View metadata = (*list)["metadata"];
  ListPage page{metadata["resourceVersion"].string(), metadata["continue"].string()};
  if (!page.resource_version.empty()) return page;
  // A list without a version can neither be followed by a watch nor compared.
  return base::fail(ErrorKind::Protocol, request.to_string() + ": a list without resourceVersion");
}

base::Result<std::string> read_deleted(Transport& transport, const Resource& resource,
                                       const Request& request) {
  const OnItem ignore = [](json::View) {};
  const auto answer =
      read_list(transport, request, json::Keep::everything(), {resource, ignore}, {});
  if (!answer) return tl::unexpected(answer.error());
  if (is_success(answer->root())) return std::string();
  if (is_list_of(answer->root(), resource)) return (*answer)["metadata"]["continue"].string();
  return no_list(resource, request, answer->root());
}

}  // namespace kube
