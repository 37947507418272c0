#include "calico/names.h"

#include "base/digest.h"

#include <fmt/format.h>

#include <algorithm>

namespace calico {
namespace {

constexpr std::string_view kHost = "host:";
constexpr std::size_t kMaxName = 253;
constexpr std::size_t kHashDigits = 11;

bool is_separator(char c) { return c == '.' || c == ':' || c == '/'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string cidr_name(const net::Cidr& cidr) {
  auto name = cidr.to_string();
  std::replace_if(name.begin(), name.end(), is_separator, '-');
  return name;
}

std::string affinity_name(std::string_view node, const net::Cidr& cidr) {
  const auto block = cidr_name(cidr);
  auto name = fmt::format("{}-{}", node, block);
  if (name.size() < kMaxName) return name;
  const auto hash = base::hex(base::digest(base::Hash::Sha256, fmt::format("{}+{}", node, block)));
  const auto kept = kMaxName - 1 - block.size() - (kHashDigits + 2);
  return fmt::format("{}-{}-{}", node.substr(0, kept), block, hash.substr(0, kHashDigits));
}

std::string hostname_hash(std::string_view node) {
  return base::base32(base::digest(base::Hash::Sha3_256, node));
}

std::string handle_name(std::string_view handle_id) {
  std::string name(handle_id);
  std::transform(name.begin(), name.end(), name.begin(), lower);
  return name;
}

std::string tunnel_handle(std::string_view node, net::Family family) {
  return fmt::format("{}-tunnel-addr-{}", family == net::Family::V4 ? "vxlan" : "vxlan-v6", node);
}

std::string reservation_handle(std::string_view node) {
  return fmt::format("flannel-migration-{}", node);
}

std::string host_affinity(std::string_view node) { return fmt::format("{}{}", kHost, node); }

std::optional<std::string_view> host_of(std::string_view affinity) {
  if (!affinity.starts_with(kHost)) return std::nullopt;
  return affinity.substr(kHost.size());
}

net::MacAddress derived_mac(std::string_view node, net::Family family) {
  const auto hash = base::digest(base::Hash::Sha1,
                                 fmt::format("{}{}", node, family == net::Family::V4 ? "" : "-v6"));
  return net::MacAddress({0x66, hash[0], hash[1], hash[2], hash[3], hash[4]});
}

}  // namespace calico
