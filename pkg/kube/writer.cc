#include "kube/writer.h"

#include <fmt/format.h>

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

base::Result<json::Document> Writer::remove_collection(const Resource& resource,
                                                       const Selection& select,
                                                       const DeleteOptions& options) const {
  return write(delete_collection_request(resource, select, options));
}

base::Result<json::Document> Writer::evict(const ObjectRef& pod,
                                           const EvictOptions& options) const {
  return write(evict_request(pod, options));
}

base::Result<json::Document> Writer::write(const Request& request) const {
  if (gate_ && !gate_()) {
    return base::fail(
        base::ErrorKind::Cancelled,
        fmt::format("{}: not sent, as this process must not write any more", request.to_string()));
  }
  const auto response = transport_.send(request);
  if (!response) return tl::unexpected(response.error());
  return read_response(request, *response);
}

}  // namespace kube
