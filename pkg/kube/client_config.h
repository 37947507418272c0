// Address of the API server, and the identity to use there. Holds secrets: never log it.
#pragma once

#include <string>

namespace kube {

struct ClientConfig {
  std::string server;  // "https://10.96.0.1:443", "https://[::1]:6443/prefix"
  std::string ca_pem;  // empty: the system's certificate authorities
  std::string client_certificate_pem;
  std::string client_key_pem;
  // Files from which the three were read, and are read again after a change; empty: none.
  std::string ca_file;
  std::string client_certificate_file;
  std::string client_key_file;
  std::string token;
  std::string token_file;       // wins over `token`; read again when it changes
  std::string tls_server_name;  // empty: the host of `server`
  std::string default_namespace = "default";
};

}  // namespace kube
