#include "calico_stand_in/startup.h"

#include "calico_stand_in/datastore.h"
#include "calico_stand_in/defaults.h"
#include "calico_stand_in/program.h"
#include "calico_stand_in/tunnel.h"
#include "json/writer.h"
#include "kube/reader.h"
#include "kube/writer.h"

#include <fmt/format.h>

namespace stand_in {
namespace {

std::string address_of_type(json::View node, net::Family family) {
  for (const auto address : node["status"]["addresses"].items()) {
    const auto parsed = net::IpAddress::parse(address["address"].string());
    if (address["type"].string() == "InternalIP" && parsed && parsed->family() == family)
      return parsed->to_string();
  }
  return "";
}

base::Result<std::string> detect_address(json::View node, net::Family family) {
  const auto address = address_of_type(node, family);
  const auto carrier = interface_of(address);
  if (!carrier) return tl::unexpected(carrier.error());
  return fmt::format("{}/{}", address, carrier->prefix);
}

// Without prefix lengths, and without what every interface has.
base::Result<std::string> describe_interfaces() {
  const auto links = ip_query({"addr", "show"});
  if (!links) return tl::unexpected(links.error());
  json::Writer w;
  w.array();
  for (const auto link : links->root().items()) {
    w.object().field("name", link["ifname"].string()).key("addresses").array();
    for (const auto address : link["addr_info"].items())
      if (address["scope"].string() == "global") w.string(address["local"].string());
    w.end().end();
  }
  return w.end().text();
}

base::Result<json::StringMap> find_annotations(json::View node) {
  json::StringMap annotations;
  for (const auto& [name, variable, family] : {std::tuple{"IPv4Address", "IP", net::Family::V4},
                                               {"IPv6Address", "IP6", net::Family::V6}}) {
    if (environment(variable) != "autodetect") continue;
    const auto address = detect_address(node, family);
    if (!address) return tl::unexpected(address.error());
    annotations[name] = *address;
  }
  const auto interfaces = describe_interfaces();
  if (!interfaces) return tl::unexpected(interfaces.error());
  annotations["Interfaces"] = *interfaces;
  return annotations;
}

base::Result<void> write_annotations(kube::Transport& transport, const std::string& node) {
  const auto object = kube::Reader(transport).get({kube::kNodes, "", node});
  if (!object) return tl::unexpected(object.error());
  const auto annotations = find_annotations(object->root());
  if (!annotations) return tl::unexpected(annotations.error());
  json::Writer w;
  w.object().key("metadata").object().key("annotations").object();
  for (const auto& [name, value] : *annotations) w.field("projectcalico.org/" + name, value);
  w.end().end().end();
  auto done = kube::Writer(transport).patch({kube::kNodes, "", node}, kube::PatchType::Merge,
                                            w.text(), "status");
  if (!done) return tl::unexpected(done.error());
  return {};
}

}  // namespace

bool is_policy_only() { return environment("CALICO_NETWORKING_BACKEND") == "none"; }

base::Result<void> start_up(kube::Transport& transport, const std::string& node) {
  if (auto made = make_defaults(transport); !made) return made;
  if (auto written = write_file("/var/lib/calico/nodename", node); !written) return written;
  return is_policy_only() ? base::Result<void>() : write_annotations(transport, node);
}

}  // namespace stand_in
