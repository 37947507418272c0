#include "calico_stand_in/cni.h"

#include "calico_stand_in/datastore.h"
#include "calico_stand_in/host_local.h"
#include "calico_stand_in/ipam.h"
#include "calico_stand_in/link_name.h"
#include "calico_stand_in/program.h"
#include "json/writer.h"
#include "kube/files.h"
#include "kube/reader.h"
#include "kube/writer.h"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <iterator>

namespace stand_in {
namespace {

constexpr const char* kGateway = "169.254.1.1";
constexpr const char* kHostMac = "ee:ee:ee:ee:ee:ee";
constexpr const char* kHostLinkLocal = "fe80::ecee:eeff:feee:eeee";  // of that MAC

struct Call {
  json::Document conf;
  std::string container, netns, interface, pod, ns;

  std::string handle() const { return conf["name"].string() + "." + container; }
  std::string host_interface() const { return link_of_pod(ns, pod); }
  bool wants(net::Family family) const;
};

bool Call::wants(net::Family family) const {
  const auto ipam = conf["ipam"];
  if (family == net::Family::V4) return ipam["assign_ipv4"].string("true") == "true";
  return ipam["assign_ipv6"].string("false") == "true";
}

std::string argument(const std::string& name) {
  const auto all = ";" + environment("CNI_ARGS") + ";";
  const auto begin = all.find(";" + name + "=");
  if (begin == std::string::npos) return "";
  const auto value = begin + name.size() + 2;
  return all.substr(value, all.find(';', value) - value);
}

base::Result<Call> read_call() {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  auto conf = json::Document::parse(text);
  if (!conf) return tl::unexpected(conf.error());
  Call call;
  call.conf = *std::move(conf);
  call.container = environment("CNI_CONTAINERID");
  call.netns = environment("CNI_NETNS");
  call.interface = environment("CNI_IFNAME");
  call.pod = argument("K8S_POD_NAME");
  call.ns = argument("K8S_POD_NAMESPACE");
  return call;
}

// Both the plugin's and calico-node's work is over a node's border without these.
base::Result<void> check_node(kube::Transport& transport, const Call& call) {
  const auto name = kube::read_file("/var/lib/calico/nodename");
  if (!name || *name != call.conf["nodename"].string())
    return base::fail(base::ErrorKind::Invalid, "/var/lib/calico/nodename is not this node's");
  const auto information = kube::Reader(transport).get({kClusterInformation, "", "default"});
  if (!information) return tl::unexpected(information.error());
  if (!(*information)["spec"]["datastoreReady"].boolean())
    return base::fail(base::ErrorKind::Invalid, "the datastore is not ready");
  // Calico would measure the interfaces; here flannel's value has to have been taken over.
  if (call.conf["mtu"].integer() == 0)
    return base::fail(base::ErrorKind::Invalid, "veth_mtu was not set");
  return {};
}

Claim claim_of(const Call& call) {
  const auto node = call.conf["nodename"].string();
  return {node, call.handle(), {{"namespace", call.ns}, {"node", node}, {"pod", call.pod}}};
}

base::Result<std::vector<net::IpAddress>> assign_all(kube::Transport& transport, const Call& call) {
  std::vector<net::IpAddress> addresses;
  if (uses_host_local(call.conf.root())) {
    const auto address = assign_from_host_local(transport, call.conf);
    if (!address) return tl::unexpected(address.error());
    return std::vector{*address};
  }
  for (const auto family : {net::Family::V4, net::Family::V6}) {
    if (!call.wants(family)) continue;
    const auto address = assign(transport, claim_of(call), family);
    if (!address) return tl::unexpected(address.error());
    addresses.push_back(*address);
  }
  return addresses;
}

// Nothing is fine: a pod of the other network has nothing here.
base::Result<void> release_all(kube::Transport& transport, const Call& call) {
  if (uses_host_local(call.conf.root())) return release_to_host_local(call.conf);
  return release(transport, call.handle());
}

base::Result<void> set_up_inside(const Call& call, const std::vector<net::IpAddress>& addresses) {
  const auto inside = InNamespace::enter(call.netns);
  if (!inside) return tl::unexpected(inside.error());
  const auto& device = call.interface;
  std::vector<std::string> lines{fmt::format("link set {} up", device)};
  for (const auto& address : addresses) {
    const bool v4 = address.family() == net::Family::V4;
    const std::string gateway = v4 ? kGateway : kHostLinkLocal;
    lines.push_back(fmt::format("addr add {}/{} dev {}{}", address.to_string(), address.bits(),
                                device, v4 ? "" : " nodad"));
    if (v4) lines.push_back(fmt::format("route add {} dev {} scope link", gateway, device));
    lines.push_back(fmt::format("route add default via {} dev {}", gateway, device));
  }
  return ip_batch(lines);
}

base::Result<void> set_sysctls(const std::string& device) {
  const auto v4 = "/proc/sys/net/ipv4/";
  for (const auto& [path, value] : {std::pair{"conf/{}/proxy_arp", "1"},
                                    {"conf/{}/forwarding", "1"},
                                    {"neigh/{}/proxy_delay", "0"}}) {
    // /proc knows no renaming: plain writes.
    auto* file = std::fopen((v4 + fmt::format(fmt::runtime(path), device)).c_str(), "w");
    if (file == nullptr || std::fputs(value, file) < 0 || std::fclose(file) != 0)
      return base::fail(base::ErrorKind::Internal, "cannot write a sysctl of " + device);
  }
  return {};
}

base::Result<void> plug(const Call& call, const std::vector<net::IpAddress>& addresses) {
  const auto device = call.host_interface();
  const auto mtu = call.conf["mtu"].integer();
  (void)ip_batch({"link del " + device});  // of an earlier try
  auto done = ip_batch(
      {fmt::format("link add {0} mtu {1} address {2} type veth peer name {3} mtu {1} netns {4}",
                   device, mtu, kHostMac, call.interface,
                   call.netns.substr(call.netns.rfind('/') + 1)),
       fmt::format("link set {} up", device)});
  if (done) done = set_sysctls(device);
  if (done) done = set_up_inside(call, addresses);
  std::vector<std::string> routes;
  for (const auto& address : addresses)
    routes.push_back(fmt::format("route replace {}/{} dev {} scope link proto 80",
                                 address.to_string(), address.bits(), device));
  return done ? ip_batch(routes) : done;
}

// Empty when the pod was pulled out. With it Felix knows the pod, long before kubelet writes the
// address into the pod's status.
base::Result<void> write_endpoint(kube::Transport& transport, const Call& call,
                                  const std::vector<net::IpAddress>& addresses) {
  std::string all;
  for (const auto& address : addresses)
    all += fmt::format("{}{}/{}", all.empty() ? "" : ",", address.to_string(), address.bits());
  json::Writer w;
  w.object().key("metadata").object().key("annotations").object();
  w.field("cni.projectcalico.org/containerID", call.container);
  w.field("cni.projectcalico.org/podIP", all.substr(0, all.find(',')));
  w.field("cni.projectcalico.org/podIPs", all).end().end().end();
  const auto done = kube::Writer(transport).patch({kube::kPods, call.ns, call.pod},
                                                  kube::PatchType::Merge, w.text(), "status");
  if (!done) return tl::unexpected(done.error());
  return {};
}

std::string result_of(const Call& call, const std::vector<net::IpAddress>& addresses) {
  json::Writer w;
  w.object().field("cniVersion", call.conf["cniVersion"].string());
  w.key("interfaces").array();
  w.object().field("name", call.host_interface()).end();
  w.object().field("name", call.interface).field("sandbox", call.netns).end().end();
  w.key("ips").array();
  for (const auto& address : addresses) {
    w.object().field("version", address.family() == net::Family::V4 ? "4" : "6");
    w.field("address", fmt::format("{}/{}", address.to_string(), address.bits()));
    w.key("interface").integer(1).end();
  }
  return w.end().key("dns").object().end().end().text();
}

base::Result<std::string> add(kube::Transport& transport, const Call& call) {
  if (auto checked = check_node(transport, call); !checked) return tl::unexpected(checked.error());
  const auto addresses = assign_all(transport, call);
  auto plugged = addresses ? plug(call, *addresses) : tl::unexpected(addresses.error());
  if (plugged) plugged = write_endpoint(transport, call, *addresses);
  if (plugged) return result_of(call, *addresses);
  (void)release_all(transport, call);
  return tl::unexpected(plugged.error());
}

// From inside: a successor of the same name, as a StatefulSet makes it, may have the host's name by
// now. Without the namespace the link is gone, too.
void unplug(const Call& call) {
  if (call.netns.empty()) return;
  if (const auto inside = InNamespace::enter(call.netns))
    (void)ip_batch({"link del " + call.interface});
}

// Of this container's: a successor of the same name may have written its own by now.
base::Result<void> forget_endpoint(kube::Transport& transport, const Call& call) {
  const auto pod = kube::Reader(transport).get({kube::kPods, call.ns, call.pod});
  if (!pod && pod.error().kind == base::ErrorKind::NotFound) return {};
  if (!pod) return tl::unexpected(pod.error());
  const auto annotations = (*pod)["metadata"]["annotations"];
  if (annotations["cni.projectcalico.org/containerID"].string() != call.container) return {};
  return write_endpoint(transport, call, {});
}

base::Result<std::string> remove(kube::Transport& transport, const Call& call) {
  unplug(call);
  if (auto forgotten = forget_endpoint(transport, call); !forgotten)
    return tl::unexpected(forgotten.error());
  if (auto released = release_all(transport, call); !released)
    return tl::unexpected(released.error());
  return "";
}

base::Result<std::string> answer(const std::string& command) {
  const auto call = read_call();
  if (!call) return tl::unexpected(call.error());
  const auto transport = connect(call->conf["kubernetes"]["kubeconfig"].string());
  if (!transport) return tl::unexpected(transport.error());
  if (command == "ADD") return add(**transport, *call);
  if (command == "DEL") return remove(**transport, *call);
  return "";
}

}  // namespace

int run_plugin() {
  const auto command = environment("CNI_COMMAND");
  if (command == "VERSION") {
    std::cout << R"({"cniVersion":"1.0.0","supportedVersions":["0.3.1","0.4.0","1.0.0"]})";
    return 0;
  }
  const auto done = answer(command);
  if (done) {
    std::cout << *done;
    return 0;
  }
  json::Writer w;
  w.object().field("cniVersion", "0.3.1").key("code").integer(100);
  w.field("msg", "calico stand-in: " + done.error().message).end();
  std::cout << w.text();
  return 1;
}

}  // namespace stand_in
