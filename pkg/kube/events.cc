#include "kube/events.h"

#include "base/utf8.h"

namespace kube {
namespace {

constexpr std::size_t kLongestMessage = 1024;
// generateName has to leave room for the server's suffix and its dot within 253.
constexpr std::size_t kLongestPrefix = 200;

std::string name_prefix(const std::string& name) {
  std::string prefix = name.substr(0, kLongestPrefix);
  while (prefix.ends_with('.') || prefix.ends_with('-')) prefix.pop_back();
  return prefix + ".";
}

}  // namespace

std::string event_namespace(const InvolvedObject& object) {
  return object.ns.empty() ? "default" : object.ns;
}

json::Document make_event(const EventInfo& info, base::TimePoint now) {
  const std::string time = base::to_rfc3339(now);
  json::Document event;
  event.set_string("/apiVersion", "v1");
  event.set_string("/kind", "Event");
  event.set_string("/metadata/generateName", name_prefix(info.object.name));
  event.set_string("/metadata/namespace", event_namespace(info.object));
  event.set_string("/involvedObject/apiVersion", info.object.api_version);
  event.set_string("/involvedObject/kind", info.object.kind);
  event.set_string("/involvedObject/name", info.object.name);
  if (!info.object.ns.empty()) event.set_string("/involvedObject/namespace", info.object.ns);
  if (!info.object.uid.empty()) event.set_string("/involvedObject/uid", info.object.uid);
  event.set_string("/type", info.type == EventType::Normal ? "Normal" : "Warning");
  event.set_string("/reason", info.reason);
  event.set_string("/message", base::cut_utf8(info.message, kLongestMessage));
  event.set_string("/source/component", info.component);
  event.set_string("/reportingComponent", info.component);
  event.set_string("/firstTimestamp", time);
  event.set_string("/lastTimestamp", time);
  event.set_integer("/count", 1);
  return event;
}

}  // namespace kube
