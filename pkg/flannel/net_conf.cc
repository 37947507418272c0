#include "flannel/net_conf.h"

#include "flannel/json_fields.h"

namespace flannel {
namespace {

void read_backend(const JsonFields& in, NetConf& conf) {
  conf.backend = lower(in.text("Type").value_or(conf.backend));
  conf.vni = in.integer("VNI", 0, 16777215).value_or(conf.vni);
  conf.port = in.integer("Port", 0, 65535).value_or(conf.port);
  conf.mtu = in.integer("MTU", 0, 65535);
  if (conf.mtu == 0) conf.mtu.reset();
  conf.gbp = in.boolean("GBP").value_or(conf.gbp);
  conf.learning = in.boolean("Learning").value_or(conf.learning);
  conf.direct_routing = in.boolean("DirectRouting").value_or(conf.direct_routing);
}

void read_networks(const JsonFields& in, NetConf& conf) {
  conf.enable_ipv4 = in.boolean("EnableIPv4").value_or(conf.enable_ipv4);
  conf.enable_ipv6 = in.boolean("EnableIPv6").value_or(conf.enable_ipv6);
  conf.enable_nftables = in.boolean("EnableNFTables").value_or(conf.enable_nftables);
  conf.network = in.cidr("Network", net::Family::V4);
  conf.ipv6_network = in.cidr("IPv6Network", net::Family::V6);
  conf.subnet_len = in.integer("SubnetLen", 0, 32);
  conf.ipv6_subnet_len = in.integer("IPv6SubnetLen", 0, 128);
  if (conf.subnet_len == 0) conf.subnet_len.reset();
  if (conf.ipv6_subnet_len == 0) conf.ipv6_subnet_len.reset();
}

}  // namespace

base::Result<NetConf> parse_net_conf(std::string_view text) {
  const auto document = json::Document::parse(text);
  if (!document) return tl::unexpected(document.error().with_context("net-conf.json"));
  if (!document->root().is_object())
    return base::fail(base::ErrorKind::Invalid, "net-conf.json: must be an object");
  std::optional<base::Error> error;
  const JsonFields in(document->root(), "net-conf.json", error);
  NetConf conf;
  read_networks(in, conf);
  read_backend(in.child("Backend"), conf);
  if (error) return tl::unexpected(*std::move(error));
  return conf;
}

}  // namespace flannel
