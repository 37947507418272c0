// An IP network: address and prefix length.
#pragma once

#include "net/ip_address.h"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace net {

class Cidr {
 public:
  Cidr() = default;
  // `address` is masked.
  Cidr(IpAddress address, int prefix);
  // "10.244.1.0/24"; host bits may be set and are masked away (see is_masked).
  static base::Result<Cidr> parse(std::string_view text);
  // True when the text has no host bits set, e.g. false for 10.244.1.7/24.
  static bool is_masked(std::string_view text);

  const IpAddress& address() const { return address_; }
  int prefix() const { return prefix_; }
  Family family() const { return address_.family(); }

  bool contains(const IpAddress& address) const;
  bool contains(const Cidr& other) const;
  bool overlaps(const Cidr& other) const;
  // Number of addresses, saturating at UINT64_MAX.
  std::uint64_t size() const;
  // The first `limit` sub-networks of length `prefix` (>= this one's), in address order.
  std::vector<Cidr> subnets(int prefix, std::size_t limit) const;
  // The number of sub-networks of that length, saturating at UINT64_MAX.
  std::uint64_t subnet_count(int prefix) const;

  std::string to_string() const;

  auto operator<=>(const Cidr&) const = default;

 private:
  IpAddress address_;
  int prefix_ = 0;
};

}  // namespace net
