// The strand and the workers of a test; the test itself lets the strand run.
#pragma once

#include "fakes/patience.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <functional>
#include <thread>

namespace controller_test {

struct Strand {
  boost::asio::io_context io;
  boost::asio::thread_pool workers{2};

  ~Strand() { workers.join(); }

  // Lets the strand run until `done`; false when patience has run out.
  bool run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + fakes::kPatience;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      if (io.poll() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
};

}  // namespace controller_test
