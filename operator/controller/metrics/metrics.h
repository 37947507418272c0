// The operator's metrics, in Prometheus' text format. Names and units follow its conventions; no
// label has a node's name, so that a large cluster has no more series than a small one.
#pragma once

#include "api/migration_spec.h"
#include "api/migration_status.h"

#include <memory>
#include <string>
#include <string_view>

namespace prometheus {
class Registry;
}

namespace controller {

// The ways in which a request to remove a pod ends.
enum class Removal { Granted, Budget, Throttled, Failed };

// Thread safe, but for observe() and forget(), which are called on the strand.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // Takes over what the status of the active FlannelMigration says, at `now`, on its way to
  // `target`.
  void observe(const api::MigrationStatus& status, api::Target target, base::TimePoint now);
  // Forgets the FlannelMigration: an alert must not go on about one that was deleted.
  void forget();

  void count_plan(double seconds);
  void count_task(bool done);
  void count_removal(Removal result);
  void count_watch_failure(const std::string& what);
  // An answer to a request, or none; and the end of a watch.
  void count_request(std::string_view verb, const std::string& code, double seconds);
  void count_stream(std::string_view verb, const std::string& code);
  void set_leading(bool leading);

  std::string text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace controller
