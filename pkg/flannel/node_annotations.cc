#include "flannel/node_annotations.h"

#include "base/utf8.h"
#include "flannel/json_fields.h"
#include "json/writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace flannel {
namespace {

constexpr std::string_view kDefaultPrefix = "flannel.alpha.coreos.com";
constexpr std::string_view kSubnetManager = "kube-subnet-manager";
constexpr std::string_view kBackendType = "backend-type";
constexpr std::string_view kBackendData = "backend-data";
constexpr std::string_view kBackendDataV6 = "backend-v6-data";
constexpr std::string_view kPublicIp = "public-ip";
constexpr std::string_view kPublicIpV6 = "public-ipv6";

std::string key_of(std::string_view prefix, std::string_view name) {
  return fmt::format("{}{}", prefix, name);
}

// The annotations of one node under one prefix; remembers the first error.
class Reader {
 public:
  Reader(const api::StringMap& annotations, std::string_view prefix)
      : annotations_(annotations), prefix_(prefix) {}

  const std::string* find(std::string_view name) const {
    const auto found = annotations_.find(key_of(prefix_, name));
    return found == annotations_.end() ? nullptr : &found->second;
  }

  std::string text(std::string_view name) const {
    const auto* value = find(name);
    return value == nullptr ? "" : *value;
  }

  bool has_any() const {
    const auto names = {kSubnetManager, kBackendType, kBackendData,
                        kBackendDataV6, kPublicIp,    kPublicIpV6};
    return std::any_of(names.begin(), names.end(),
                       [&](auto name) { return find(name) != nullptr; });
  }

  std::optional<net::IpAddress> address(std::string_view name, net::Family family) {
    const auto written = text(name);
    if (written.empty()) return std::nullopt;
    const auto address = net::IpAddress::parse(written);
    if (address && address->family() == family) return *address;
    refuse(name, fmt::format("'{}' is no address of its family", base::excerpt(written)));
    return std::nullopt;
  }

  // backend-data: {"VNI":1,"VtepMAC":"..."}, or null. Answers the MAC; the VNI is the first that is
  // named.
  std::optional<net::MacAddress> backend_data(std::string_view name, std::optional<int>& vni) {
    const auto written = text(name);
    if (written.empty()) return std::nullopt;
    const auto document = json::Document::parse(written);
    if (!document) {
      refuse(name, document.error().message);
      return std::nullopt;
    }
    const JsonFields in(document->root(), key_of(prefix_, name), error_);
    const auto named = in.integer("VNI", 0, 16777215);
    if (!vni) vni = named;
    return mac(name, in.text("VtepMAC"));
  }

  const std::optional<base::Error>& error() const { return error_; }

 private:
  std::optional<net::MacAddress> mac(std::string_view name,
                                     const std::optional<std::string>& written) {
    if (!written) return std::nullopt;
    const auto mac = net::MacAddress::parse(*written);
    if (mac) return *mac;
    refuse(name, "VtepMAC: " + mac.error().message);
    return std::nullopt;
  }

  void refuse(std::string_view name, std::string_view reason) {
    if (error_) return;
    error_ =
        base::Error{base::ErrorKind::Invalid, fmt::format("{}: {}", key_of(prefix_, name), reason)};
  }

  const api::StringMap& annotations_;
  std::string_view prefix_;
  std::optional<base::Error> error_;
};

std::string render_backend_data(std::optional<int> vni, const net::MacAddress& mac) {
  json::Writer out;
  out.object();
  if (vni) out.key("VNI").integer(*vni);
  return out.field("VtepMAC", mac.to_string()).end().text();
}

}  // namespace

std::string annotation_prefix(std::string_view option) {
  std::string prefix(option.empty() ? kDefaultPrefix : option);
  if (prefix.find('/') == std::string::npos) return prefix + '/';
  const bool ended = prefix.back() == '/' || prefix.back() == '-';
  return ended ? prefix : prefix + '-';
}

base::Result<std::optional<NodeAnnotations>> parse_node_annotations(
    const api::StringMap& annotations, std::string_view prefix) {
  Reader reader(annotations, prefix);
  if (!reader.has_any()) return std::nullopt;
  NodeAnnotations node;
  node.subnet_manager = reader.text(kSubnetManager) == "true";
  node.backend_type = reader.text(kBackendType);
  node.vtep_mac = reader.backend_data(kBackendData, node.vni);
  node.vtep_mac_v6 = reader.backend_data(kBackendDataV6, node.vni);
  node.public_ip = reader.address(kPublicIp, net::Family::V4);
  node.public_ip_v6 = reader.address(kPublicIpV6, net::Family::V6);
  if (reader.error()) return tl::unexpected(*reader.error());
  return node;
}

api::StringMap render_node_annotations(const NodeAnnotations& node, std::string_view prefix) {
  api::StringMap annotations;
  const auto set = [&](std::string_view name, std::string value) {
    annotations[key_of(prefix, name)] = std::move(value);
  };
  if (node.subnet_manager) set(kSubnetManager, "true");
  if (!node.backend_type.empty()) set(kBackendType, node.backend_type);
  if (node.vtep_mac) set(kBackendData, render_backend_data(node.vni, *node.vtep_mac));
  if (node.vtep_mac_v6) set(kBackendDataV6, render_backend_data(node.vni, *node.vtep_mac_v6));
  if (node.public_ip) set(kPublicIp, node.public_ip->to_string());
  if (node.public_ip_v6) set(kPublicIpV6, node.public_ip_v6->to_string());
  return annotations;
}

}  // namespace flannel
