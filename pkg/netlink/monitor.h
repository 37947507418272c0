// Waits for changes of devices and routes instead of sleeping.
#pragma once

#include "base/time.h"
#include "netlink/socket.h"

namespace netlink {

class Monitor {
 public:
  // Misses no change from now on.
  static base::Result<Monitor> open();

  // True as soon as something has changed since the last call, false when the time has passed.
  bool wait(base::Duration timeout);

 private:
  explicit Monitor(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

}  // namespace netlink
