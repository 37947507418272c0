// Bodies of core/v1 Events, the messages that kubectl describe shows below an object.
#pragma once

#include "base/time.h"
#include "json/value.h"

#include <string>

namespace kube {

enum class EventType { Normal, Warning };

struct InvolvedObject {
  std::string api_version;
  std::string kind;
  std::string ns;  // empty for an object of the cluster: its Events are in the namespace "default"
  std::string name;
  std::string uid;
};

struct EventInfo {
  InvolvedObject object;
  EventType type = EventType::Normal;
  std::string reason;   // CamelCase
  std::string message;  // cut at 1,024 bytes, as the server refuses longer ones
  std::string component;
};

// To be created with the writer in event_namespace(); the server gives it its name.
json::Document make_event(const EventInfo& info, base::TimePoint now);
std::string event_namespace(const InvolvedObject& object);

}  // namespace kube
