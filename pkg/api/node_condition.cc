#include "api/node_condition.h"

#include "api/names.h"
#include "json/writer.h"

namespace api {

std::string render(const NetworkAvailable& change) {
  const auto since = base::to_rfc3339(change.since);
  json::Writer w;
  w.object().key("metadata").object();
  w.field_if("uid", change.uid).field_if("resourceVersion", change.resource_version).end();
  w.key("status").object().key("conditions").array().object();
  w.field("type", kNetworkUnavailable).field("status", "False");
  w.field("reason", change.reason).field("message", change.message);
  w.field("lastHeartbeatTime", since).field("lastTransitionTime", since);
  w.end().end().end().end();
  return w.text();
}

void apply(const NetworkAvailable&, Node& node) { node.network_unavailable.reset(); }

}  // namespace api
