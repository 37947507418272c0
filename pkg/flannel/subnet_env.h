// /run/flannel/subnet.env (README.md, Nodes).
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "net/cidr.h"

#include <optional>
#include <string>
#include <string_view>

namespace flannel {

struct SubnetEnv {
  std::optional<net::Cidr> network;
  std::optional<net::Cidr> ipv6_network;
  std::optional<net::Cidr> subnet;  // masked
  std::optional<net::Cidr> ipv6_subnet;
  std::optional<int> mtu;
  std::optional<bool> ip_masq;
  bool operator==(const SubnetEnv&) const = default;
};

// The file's text. Blank lines, comments, quotes, CRLF and unknown keys are tolerated; a known key
// with an unreadable value is Invalid and named.
base::Result<SubnetEnv> parse_subnet_env(std::string_view text);
// The same from key/value pairs, as an agent reports them.
base::Result<SubnetEnv> parse_subnet_env(const json::StringMap& values);

}  // namespace flannel
