// The parts of an API server's URL.
#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

namespace kube {

enum class Scheme { Http, Https };

struct ServerAddress {
  Scheme scheme = Scheme::Https;
  std::string host;  // an IPv6 address without brackets
  int port = 443;
  std::string path_prefix;  // empty or "/x/y"
  bool operator==(const ServerAddress&) const = default;
};

// Invalid for anything but https, and http to a loopback address: credentials never cross a network
// in the clear.
base::Result<ServerAddress> parse_server_address(std::string_view url);

}  // namespace kube
