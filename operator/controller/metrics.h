// The operator's metrics, in Prometheus' text format.
#pragma once

#include "api/migration_status.h"

#include <memory>
#include <string>

namespace prometheus {
class Registry;
}

namespace controller {

// Thread safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void observe(const api::MigrationStatus& status);
  void count_plan(double seconds);
  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace controller
