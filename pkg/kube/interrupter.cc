#include "kube/interrupter.h"

#include "base/clock.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace kube {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestPoll{60'000};

// For poll(2), which waits for whole milliseconds: rounded up, so that it does not spin.
int poll_time(Interrupter::TimePoint until) {
  const auto now = base::SystemClock().steady_now();
  if (until <= now) return 0;
  if (until - now >= kLongestPoll) return static_cast<int>(kLongestPoll.count());
  return static_cast<int>(std::chrono::ceil<milliseconds>(until - now).count());
}

}  // namespace

Interrupter::Interrupter() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Interrupter::~Interrupter() {
  if (is_valid()) ::close(event_);
}

void Interrupter::begin(TimePoint deadline) {
  interrupted_ = false;
  eventfd_t count = 0;
  if (is_valid()) static_cast<void>(::eventfd_read(event_, &count));
  deadline_ = deadline;
}

void Interrupter::tighten(TimePoint deadline) { deadline_ = std::min(deadline_, deadline); }

bool Interrupter::wait(int socket, short events, TimePoint until) {
  const TimePoint end = std::min(until, deadline_);
  while (!interrupted_) {
    std::array<pollfd, 2> polls{{{socket, events, 0}, {event_, POLLIN, 0}}};
    const int ready = ::poll(polls.data(), polls.size(), poll_time(end));
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0 && polls[0].revents != 0) return !interrupted_;
    if (base::SystemClock().steady_now() >= end) return false;
  }
  return false;
}

bool Interrupter::is_late() const { return base::SystemClock().steady_now() >= deadline_; }

void Interrupter::interrupt() {
  interrupted_ = true;
  if (is_valid()) static_cast<void>(::eventfd_write(event_, 1));
}

}  // namespace kube
