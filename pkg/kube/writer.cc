#include "kube/writer.h"

#include "kube/answer_kind.h"
#include "kube/list_page.h"
#include "kube/page_trail.h"

namespace kube {
namespace {

// A page of what is to be deleted has the parameters of a page of a list.
Request delete_page_request(const Resource& resource, const ListQuery& page,
                            const DeleteOptions& options) {
  Request request = delete_collection_request(resource, page.select, options);
  request.path = list_request(resource, page).path;
  return request;
}

}  // namespace

base::Result<json::Document> Writer::create(const Resource& resource, std::string_view ns,
                                            std::string body) const {
  return write(resource, create_request(resource, ns, std::move(body)), &read_object);
}

base::Result<json::Document> Writer::replace(const ObjectRef& object, std::string body,
                                             std::string_view subresource) const {
  return write(object.resource, replace_request(object, std::move(body), subresource),
               &read_object);
}

base::Result<json::Document> Writer::patch(const ObjectRef& object, PatchType type,
                                           std::string body, std::string_view subresource) const {
  return write(object.resource, patch_request(object, type, std::move(body), subresource),
               &read_object);
}

base::Result<json::Document> Writer::remove(const ObjectRef& object,
                                            const DeleteOptions& options) const {
  return write(object.resource, delete_request(object, options), &read_object_or_success);
}

base::Result<void> Writer::remove_collection(const Resource& resource, const Selection& select,
                                             const DeleteOptions& options) const {
  ListQuery page{.select = select};
  PageTrail trail;
  do {
    Request request = delete_page_request(resource, page, options);
    request.gate = gate_;
    const auto next =
        permit(request).and_then([&] { return read_deleted(transport_, resource, request); });
    if (!next) return tl::unexpected(next.error());
    page.continue_token = *next;
    if (const auto added = trail.add(*next); !added) return added;
  } while (!page.continue_token.empty());
  return {};
}

base::Result<json::Document> Writer::evict(const ObjectRef& pod,
                                           const EvictOptions& options) const {
  return write(pod.resource, evict_request(pod, options), &read_object_or_success);
}

base::Result<void> Writer::permit(const Request& request) const {
  if (gate_ == nullptr || (*gate_)()) return {};
  return tl::unexpected(not_permitted().with_context(request.to_string()));
}

base::Result<json::Document> Writer::write(const Resource& resource, Request request,
                                           ReadAnswer read) const {
  request.gate = gate_;
  if (auto permitted = permit(request); !permitted) return tl::unexpected(permitted.error());
  const auto response = transport_.send(request);
  if (!response) return tl::unexpected(response.error());
  return read(resource, request, *response);
}

}  // namespace kube
