// The contents that the health server serves.
#pragma once

#include <functional>
#include <string>

namespace controller {

// Functions that are called on the health server's thread, and must not block.
struct HealthPages {
  std::function<bool()> healthy;
  std::function<bool()> ready;
  std::function<std::string()> metrics;  // in Prometheus' text format
};

}  // namespace controller
