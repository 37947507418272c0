// The operator's metrics, in Prometheus' text format.
#pragma once

#include "api/migration_status.h"

#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace controller {

// `text` may be called on any thread, the others on the strand.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // What the status of the active FlannelMigration says.
  void observe(const api::MigrationStatus& status);
  // There is no FlannelMigration: an alert must not go on about one that was deleted.
  void forget();
  void count_plan(double seconds);
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace controller
