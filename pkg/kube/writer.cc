#include "kube/writer.h"

namespace kube {

base::Result<json::Document> Writer::create(const Resource& resource, std::string_view ns,
                                            std::string body) const {
  return write(create_request(resource, ns, std::move(body)));
}

base::Result<json::Document> Writer::replace(const ObjectRef& object, std::string body,
                                             std::string_view subresource) const {
  return write(replace_request(object, std::move(body), subresource));
}

base::Result<json::Document> Writer::patch(const ObjectRef& object, PatchType type,
                                           std::string body, std::string_view subresource) const {
  return write(patch_request(object, type, std::move(body), subresource));
}

base::Result<json::Document> Writer::remove(const ObjectRef& object,
                                            const DeleteOptions& options) const {
  return write(delete_request(object, options));
}

base::Result<void> Writer::remove_collection(const Resource& resource, const Selection& select,
                                             const DeleteOptions& options) const {
  Request request = delete_collection_request(resource, select, options);
  request.gate = gate_;
  const auto ignore = [](std::string_view) -> base::Result<void> { return {}; };
  return permit(request).and_then([&] { return transport_.stream(request, ignore, {}); });
}

base::Result<json::Document> Writer::evict(const ObjectRef& pod,
                                           const EvictOptions& options) const {
  return write(evict_request(pod, options));
}

base::Result<void> Writer::permit(const Request& request) const {
  if (gate_ == nullptr || (*gate_)()) return {};
  return tl::unexpected(not_permitted().with_context(request.to_string()));
}

base::Result<json::Document> Writer::write(Request request) const {
  request.gate = gate_;
  if (auto permitted = permit(request); !permitted) return tl::unexpected(permitted.error());
  const auto response = transport_.send(request);
  if (!response) return tl::unexpected(response.error());
  return read_response(request, *response);
}

}  // namespace kube
