#include "controller/write/event_recorder.h"

#include "api/names.h"
#include "base/log.h"
#include "controller/snapshot/resources.h"

#include <utility>

namespace controller {

kube::InvolvedObject migration_object(std::string name, std::string uid) {
  return {std::string(api::kApiVersion), std::string(kFlannelMigrations.kind), "", std::move(name),
          std::move(uid)};
}

void EventRecorder::record(kube::EventInfo info) const {
  info.component = std::string(api::kLease);
  const auto body = kube::make_event(info, clock_.now()).dump();
  const auto sent = writer_.create(kube::kEvents, kube::event_namespace(info.object), body);
  if (sent) return;
  base::log_warn("event not written", {{"object", info.object.kind + " " + info.object.name},
                                       {"reason", info.reason},
                                       {"error", sent.error().message}});
}

}  // namespace controller
