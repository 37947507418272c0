// net-conf.json: flannel's network configuration (README.md, net-conf.json).
#pragma once

#include "base/error.h"
#include "net/cidr.h"

#include <optional>
#include <string>
#include <string_view>

namespace flannel {

struct NetConf {
  bool enable_ipv4 = true;
  bool enable_ipv6 = false;
  bool enable_nftables = false;
  std::optional<net::Cidr> network;
  std::optional<net::Cidr> ipv6_network;
  std::optional<int> subnet_len;
  std::optional<int> ipv6_subnet_len;
  std::string backend = "udp";  // lower case; flannel's own default when the file names none
  int vni = 1;
  int port = 0;            // 0: the kernel's default, 8472
  std::optional<int> mtu;  // of the outer interface; the device has 50 less (v6: 70)
  bool gbp = false;
  bool learning = false;
  bool direct_routing = false;
  bool operator==(const NetConf&) const = default;
};

// Keys match in any case, as encoding/json does. Invalid says which key has which wrong value.
base::Result<NetConf> parse_net_conf(std::string_view text);

}  // namespace flannel
