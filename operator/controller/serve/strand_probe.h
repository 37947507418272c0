// Finds out whether a thread that runs an io_context still processes its queue: each probe posts a
// question, and the thread counts as stuck when a question has had no answer for a minute.
#pragma once

#include "base/clock.h"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <mutex>
#include <optional>

namespace controller {

inline constexpr std::chrono::seconds kStrandStuck{60};

class StrandProbe {
 public:
  // Both must outlive it. It must outlive what is posted to the strand.
  StrandProbe(boost::asio::io_context& strand, const base::Clock& clock)
      : strand_(strand), clock_(clock) {}

  // Any thread; does not wait. Asked rarely, it notices late.
  bool comes_to_its_work();

 private:
  void answered();

  boost::asio::io_context& strand_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> asked_;  // and not answered yet
};

}  // namespace controller
