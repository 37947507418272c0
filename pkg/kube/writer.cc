#include "kube/writer.h"

#include "kube/answer_kind.h"
#include "kube/list_page.h"

namespace kube {

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
  Request request = delete_collection_request(resource, select, options);
  request.gate = gate_;
  return permit(request).and_then([&] { return read_deleted(transport_, resource, request); });
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
