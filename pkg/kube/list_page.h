// Reads a page of a list piece by piece while it arrives.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/transport.h"

#include <functional>
#include <stop_token>
#include <string>

namespace kube {

struct ListPage {
  std::string resource_version;  // never empty in an answer
  std::string continue_token;    // empty on the last page
};

// An element of a list; it lacks apiVersion and kind when the server leaves them out, as it does
// for built-in kinds.
using OnItem = std::function<void(json::View)>;

// Hands out the items in order. After an error some of them may have been handed out already.
// NotFound: by its discovery, too, the server does not serve the kind; never for kinds that every
// API server serves. Protocol: the answer is something else than a list of this kind.
base::Result<ListPage> fetch_list_page(Transport& transport, const Resource& resource,
                                       const ListQuery& query, const OnItem& on_item,
                                       const std::stop_token& stop);

// The answer to a deletecollection: a list of what was deleted, or a metav1.Status of success.
// Protocol for anything else. Answers the token of the next page; empty when there is none. Blocks.
base::Result<std::string> read_deleted(Transport& transport, const Resource& resource,
                                       const Request& request);

}  // namespace kube
