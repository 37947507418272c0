#include "controller/event_recorder.h"

#include "api/names.h"
#include "base/log.h"

namespace controller {

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
