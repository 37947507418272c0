// Asks tunnel end points whether they answer, small packets and packets of the full MTU, through
// one device and without fragments.
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "net/ip_address.h"

#include <chrono>
#include <string>
#include <vector>

namespace agent {

struct ProbeTarget {
  std::string node;
  net::IpAddress address;
  std::string device;
  std::uint32_t mtu = 0;
};

// Counts of the probes of one packet size.
struct ProbeCount {
  int sent = 0;
  int answered = 0;
};

struct ProbeResult {
  ProbeTarget target;
  ProbeCount small = {};
  ProbeCount full = {};
  double best_ms = 0;  // round trip

  bool reached() const { return small.answered >= kWanted && full.answered >= kWanted; }
  // "n2 10.244.2.0: small 3/3, full 3/3, 0.4 ms"
  std::string to_string() const;

  static constexpr int kWanted = 3;
};

// Returns when every target was reached, or at the deadline. Fails only where nothing can be sent
// at all, e.g. without the right.
base::Result<std::vector<ProbeResult>> probe(const std::vector<ProbeTarget>& targets,
                                             const base::Clock& clock,
                                             std::chrono::steady_clock::time_point deadline);

}  // namespace agent
