#include "controller/program/identity.h"

#include "base/clock.h"
#include "controller/program/connection.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace controller {

migration::Identity identity(const Options& options) {
  const auto text = [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
  };
  return {own_namespace(options), text("NODE_NAME"), text("POD_NAME"),
          !options.agent_image.empty()};
}

std::string lease_identity() {
  std::string host(256, '\0');
  if (gethostname(host.data(), host.size() - 1) != 0) host = "operator";
  return fmt::format("{}_{}_{}", host.c_str(), getpid(),
                     base::SystemClock().now().time_since_epoch().count());
}

}  // namespace controller
