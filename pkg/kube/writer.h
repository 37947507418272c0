// Writing to the API server. Bodies are JSON texts; each function returns the object as the server
// has it afterwards; Protocol for an answer that is something else.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/transport.h"

#include <memory>
#include <string>
#include <string_view>

namespace kube {

// Thread safe when transport and gate are; blocks.
class Writer {
 public:
  // `transport` must outlive it. Once `gate` says no, e.g. as the lease was lost, every write is
  // Cancelled unsent, also one that waits for its connection; and none takes longer than `gate`
  // says.
  explicit Writer(Transport& transport, Gate gate = {})
      : transport_(transport),
        gate_(gate ? std::make_shared<const Gate>(std::move(gate)) : nullptr) {}

  base::Result<json::Document> create(const Resource& resource, std::string_view ns,
                                      std::string body) const;
  base::Result<json::Document> replace(const ObjectRef& object, std::string body,
                                       std::string_view subresource = "") const;
  base::Result<json::Document> patch(const ObjectRef& object, PatchType type, std::string body,
                                     std::string_view subresource = "") const;
  // The object while it is being deleted, or a Status when it is gone at once.
  base::Result<json::Document> remove(const ObjectRef& object,
                                      const DeleteOptions& options = {}) const;
  // The server answers with all that it deletes, thousands of objects maybe: that is not kept.
  base::Result<void> remove_collection(const Resource& resource, const Selection& select,
                                       const DeleteOptions& options = {}) const;
  // Throttled with the cause "DisruptionBudget" when a PodDisruptionBudget does not allow it now.
  base::Result<json::Document> evict(const ObjectRef& pod, const EvictOptions& options = {}) const;

 private:
  // Cancelled while the gate is closed.
  base::Result<void> permit(const Request& request) const;
  using ReadAnswer = base::Result<json::Document> (*)(const Resource&, const Request&,
                                                      const Response&);
  base::Result<json::Document> write(const Resource& resource, Request request,
                                     ReadAnswer read) const;

  Transport& transport_;
  std::shared_ptr<const Gate> gate_;
};

}  // namespace kube
