// The API server that the tests of this folder run against; they are skipped when there is none.
#pragma once

#include "kube/http_transport.h"
#include "kube/kubeconfig.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace integration {

// Null, with a printed reason, when FM_TEST_KUBECONFIG is not set; throws when it is of no use.
inline std::unique_ptr<kube::HttpTransport> connect() {
  const char* const path = std::getenv("FM_TEST_KUBECONFIG");
  if (path == nullptr) {
    std::puts("skipped: FM_TEST_KUBECONFIG names no kubeconfig (make one with test/cluster/up)");
    return nullptr;
  }
  const auto config = kube::load_kubeconfig({path, "", "", ""});
  if (!config) throw std::runtime_error(config.error().message);
  return kube::HttpTransport::make(*config).value();
}

// A name that no earlier run has used.
inline std::string fresh_name(const std::string& prefix) {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return prefix + "-" + std::to_string(now);
}

}  // namespace integration
