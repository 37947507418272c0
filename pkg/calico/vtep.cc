#include "calico/vtep.h"

#include "api/names.h"

#include <fmt/format.h>

namespace calico {
namespace {

// Keys of one family's annotations.
struct Keys {
  std::string_view public_ip;
  std::string_view address;
  std::string_view mac;
};

constexpr Keys kV4{api::kCalicoIpv4Address, api::kCalicoVxlanAddress, api::kCalicoVxlanMac};
constexpr Keys kV6{api::kCalicoIpv6Address, api::kCalicoVxlanAddressV6, api::kCalicoVxlanMacV6};

void render_vtep(const Vtep& vtep, const Keys& keys, api::StringMap& annotations) {
  annotations.emplace(keys.public_ip,
                      fmt::format("{}/{}", vtep.public_ip.to_string(), vtep.public_ip.bits()));
  annotations.emplace(keys.address, vtep.address.to_string());
  annotations.emplace(keys.mac, vtep.mac.to_string());
}

// Parses "IP" or "IP/length"; nullopt for a text that Calico could not read either.
std::optional<net::IpAddress> parse_host_address(std::string_view text) {
  if (text.find('/') != std::string_view::npos && !net::Cidr::parse(text)) return std::nullopt;
  const auto address = net::IpAddress::parse(text.substr(0, text.find('/')));
  return address ? std::optional(*address) : std::nullopt;
}

bool same_meaning(std::string_view key, std::string_view observed, std::string_view wanted) {
  if (observed == wanted) return true;
  if (key == api::kCalicoVxlanMac || key == api::kCalicoVxlanMacV6) {
    const auto mac = net::MacAddress::parse(observed);
    return mac && mac->to_string() == wanted;
  }
  const bool may_have_length = key == api::kCalicoIpv4Address || key == api::kCalicoIpv6Address;
  if (!may_have_length && observed.find('/') != std::string_view::npos) return false;
  const auto address = parse_host_address(observed);
  return address && address == parse_host_address(wanted);
}

}  // namespace

api::StringMap render_vteps(const NodeVteps& vteps) {
  api::StringMap annotations;
  if (vteps.v4) render_vtep(*vteps.v4, kV4, annotations);
  if (vteps.v6) render_vtep(*vteps.v6, kV6, annotations);
  return annotations;
}

api::StringMap missing_annotations(const NodeVteps& wanted, const api::StringMap& annotations) {
  api::StringMap missing;
  for (const auto& [key, value] : render_vteps(wanted)) {
    const auto found = annotations.find(key);
    if (found == annotations.end() || !same_meaning(key, found->second, value))
      missing.emplace(key, value);
  }
  return missing;
}

std::vector<std::string> vtep_annotation_keys() {
  std::vector<std::string> keys;
  for (const auto& family : {kV4, kV6}) {
    for (const auto key : {family.public_ip, family.address, family.mac}) keys.emplace_back(key);
  }
  return keys;
}

std::vector<std::string> other_annotation_keys() {
  std::vector<std::string> keys;
  for (const auto* name :
       {"Interfaces", "ASNumber", "IPv4IPIPTunnelAddr", "IPv4WireguardInterfaceAddr",
        "IPv6WireguardInterfaceAddr", "WireguardPublicKey", "WireguardPublicKeyV6"})
    keys.push_back(fmt::format("projectcalico.org/{}", name));
  return keys;
}

}  // namespace calico
