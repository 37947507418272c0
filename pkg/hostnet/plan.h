// The next steps on a host.
#pragma once

#include "hostnet/action.h"

#include <optional>
#include <string>
#include <vector>

namespace hostnet {

// Nothing was changed, and trying again does not help.
struct Refusal {
  std::string reason;  // api::kReasonNotHandOverable, or empty
  std::string message;
  bool operator==(const Refusal&) const = default;
};

// Empty in all its parts: the host is as it should be.
struct HostPlan {
  std::vector<HostAction> actions;  // in this order; then the host is observed again
  std::string waiting;              // what another program has to do first
  std::optional<Refusal> refusal;
  std::vector<std::string> notes;  // what is odd, for a person
  std::vector<std::string> facts;  // what is there, odd or not

  bool done() const { return actions.empty() && waiting.empty() && !refusal; }
  bool operator==(const HostPlan&) const = default;
};

}  // namespace hostnet
