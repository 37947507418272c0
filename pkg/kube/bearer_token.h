// A bearer token that may live in a file which is replaced from time to time, as the kubelet does
// with a ServiceAccount's.
#pragma once

#include "base/error.h"
#include "kube/changing_file.h"
#include "kube/client_config.h"

#include <mutex>
#include <string>
#include <string_view>

namespace kube {

// Invalid, without quoting it, for a text that would break the header it is sent in.
base::Result<void> check_token(std::string_view token);

class BearerToken {
 public:
  explicit BearerToken(const ClientConfig& config);

  // The token as it is now; empty when there is none. A file that is empty, or cannot be read just
  // now, keeps the last token; without one it is Invalid, as is a token of check_token(). Thread
  // safe.
  base::Result<std::string> get();

 private:
  base::Result<void> read();

  std::mutex mutex_;
  ChangingFile file_;
  std::string token_;
};

}  // namespace kube
