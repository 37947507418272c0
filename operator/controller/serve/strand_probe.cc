#include "controller/serve/strand_probe.h"

#include <boost/asio/post.hpp>

namespace controller {

bool StrandProbe::comes_to_its_work() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.steady_now();
  if (asked_) return now - *asked_ < kStrandStuck;
  asked_ = now;
  boost::asio::post(strand_, [this] { answered(); });
  return true;
}

void StrandProbe::answered() {
  const std::lock_guard lock(mutex_);
  asked_.reset();
}

}  // namespace controller
