// One page of a list, taken apart while it arrives.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/transport.h"

#include <functional>
#include <stop_token>
#include <string>

namespace kube {

struct ListPage {
  std::string resource_version;
  std::string continue_token;  // empty on the last page
};

// An element of a list; it lacks apiVersion and kind when the server leaves them out, as it does
// for built-in kinds.
using OnItem = std::function<void(json::View)>;

// Hands out the items in order. After an error some of them may have been handed out already.
base::Result<ListPage> fetch_list_page(Transport& transport, const Resource& resource,
                                       const ListQuery& query, const OnItem& on_item,
                                       const std::stop_token& stop);

}  // namespace kube
