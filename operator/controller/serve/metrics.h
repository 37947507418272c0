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

  // Takes the values from the status of the active FlannelMigration.
  void observe(const api::MigrationStatus& status);
  // Clears the values when there is no FlannelMigration: alerts must not last for one that was
  // deleted.
  void forget();
  void count_plan(double seconds);
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace controller
