// Writes Events about an object, which kubectl describe shows to people. Blocks; thread safe when
// the writer is.
#pragma once

#include "base/clock.h"
#include "kube/events.h"
#include "kube/writer.h"

namespace controller {

// The involvedObject of Events about a FlannelMigration.
kube::InvolvedObject migration_object(std::string name, std::string uid);

class EventRecorder {
 public:
  EventRecorder(const kube::Writer& writer, const base::Clock& clock)
      : writer_(writer), clock_(clock) {}

  // `info.component` is set here. An Event that cannot be written is logged, and does not count as
  // an error.
  void record(kube::EventInfo info) const;

 private:
  const kube::Writer& writer_;
  const base::Clock& clock_;
};

}  // namespace controller
