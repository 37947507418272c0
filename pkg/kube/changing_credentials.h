// The TLS credentials of a configuration, reloaded when one of their files changes.
#pragma once

#include "kube/changing_file.h"
#include "kube/client_config.h"
#include "kube/tls_credentials.h"

#include <memory>
#include <mutex>

namespace kube {

class ChangingCredentials {
 public:
  // Invalid as TlsCredentials::load() says.
  static base::Result<std::unique_ptr<ChangingCredentials>> load(const ClientConfig& config);

  // The credentials as the files are now. While a file is broken or gone, or a certificate and its
  // key do not belong together yet, the earlier ones, with a line in the log. Thread safe.
  std::shared_ptr<const TlsCredentials> get();

 private:
  ChangingCredentials(const ClientConfig& config, TlsCredentials loaded);
  bool read_files();

  std::mutex mutex_;
  ClientConfig config_;
  ChangingFile authority_;
  ChangingFile certificate_;
  ChangingFile key_;
  std::shared_ptr<const TlsCredentials> credentials_;
};

}  // namespace kube
