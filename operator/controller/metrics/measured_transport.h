// A Transport that counts what it carries: requests to the API server by verb and status code, and
// how long they took. A watch is counted when it ends, and its time is not.
#pragma once

#include "base/clock.h"
#include "controller/metrics/metrics.h"
#include "kube/transport.h"

namespace controller {

class MeasuredTransport : public kube::Transport {
 public:
  // `transport`, `metrics` and `clock` must outlive it.
  MeasuredTransport(kube::Transport& transport, Metrics& metrics, const base::Clock& clock)
      : transport_(transport), metrics_(metrics), clock_(clock) {}

  base::Result<kube::Response> send(const kube::Request& request) override;
  base::Result<void> stream(const kube::Request& request, const OnChunk& on_chunk,
                            const std::stop_token& stop) override;

 private:
  kube::Transport& transport_;
  Metrics& metrics_;
  const base::Clock& clock_;
};

}  // namespace controller
