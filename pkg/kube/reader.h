// Reads from the API server. Code that gets a Reader cannot change anything.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/list_page.h"
#include "kube/transport.h"

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace kube {

// Thread safe when the transport is; blocks.
class Reader {
 public:
  // `transport` must outlive it.
  explicit Reader(Transport& transport) : transport_(transport) {}

  // Protocol for an answer that is something else than an object of this kind.
  base::Result<json::Document> get(const ObjectRef& object) const;

  // All pages of a list, item by item; returns its resourceVersion. When the server no longer knows
  // where it was (410), the list begins again: `on_restart` is called, and what was handed out
  // before is void. Gone after five restarts; Protocol for a list that never ends. NotFound as in
  // fetch_list_page().
  base::Result<std::string> list(const Resource& resource, const ListQuery& query,
                                 const OnItem& on_item,
                                 const std::function<void()>& on_restart = {},
                                 const std::stop_token& stop = {}) const;

  // A path such as "/version" or "/apis".
  base::Result<json::Document> get_raw(std::string_view path) const;

 private:
  Transport& transport_;
};

}  // namespace kube
