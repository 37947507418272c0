// The one condition of a Node that the product writes: NetworkUnavailable, to False.
#pragma once

#include "api/node.h"
#include "base/time.h"

#include <string>

namespace api {

struct NetworkAvailable {
  std::string reason;   // CamelCase
  std::string message;  // for people
  base::TimePoint since{};
  std::string uid;  // the server refuses the patch when the node was replaced meanwhile
  std::string resource_version;  // the server answers Conflict when the node has changed
  bool operator==(const NetworkAvailable&) const = default;
};

// Body for application/strategic-merge-patch+json of the subresource status: other conditions stay.
std::string render(const NetworkAvailable& change);
// Changes `node` as the API server would; the taint is left to its own controller.
void apply(const NetworkAvailable& change, Node& node);

}  // namespace api
