// A bearer token that may live in a file which is replaced from time to time, as the kubelet does
// with a ServiceAccount's.
#pragma once

#include "base/error.h"
#include "kube/client_config.h"

#include <sys/stat.h>

#include <mutex>
#include <string>

namespace kube {

class BearerToken {
 public:
  explicit BearerToken(const ClientConfig& config);

  // The token as it is now; empty when there is none. A file that cannot be read just now keeps the
  // last token; without one it is Invalid. Thread safe.
  base::Result<std::string> get();

 private:
  bool has_changed();

  const std::string path_;
  std::mutex mutex_;
  std::string token_;
  struct ::stat seen_ {};
};

}  // namespace kube
