#include "calico_stand_in/felix.h"

#include "calico_stand_in/datastore.h"
#include "calico_stand_in/filters.h"
#include "calico_stand_in/health_port.h"
#include "calico_stand_in/ipam.h"
#include "calico_stand_in/policies.h"
#include "calico_stand_in/program.h"
#include "calico_stand_in/say.h"
#include "calico_stand_in/startup.h"
#include "calico_stand_in/tunnel.h"
#include "json/writer.h"
#include "kube/writer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>
#include <thread>

namespace stand_in {
namespace {

using namespace std::chrono_literals;

constexpr const char* kReadyFile = "/var/run/calico/stand-in-ready";
constexpr const char* kAliveFile = "/var/run/calico/stand-in-alive";
constexpr auto kPause = 500ms;
constexpr int kStaleSeconds = 15;

bool is_fresh(const char* path) {
  struct stat found {};
  return stat(path, &found) == 0 && std::time(nullptr) - found.st_mtime < kStaleSeconds;
}

base::Result<void> set_network_condition(kube::Transport& transport, const std::string& node,
                                         bool unavailable) {
  const auto now = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  json::Writer w;
  w.object().key("status").object().key("conditions").array().object();
  w.field("type", "NetworkUnavailable").field("status", unavailable ? "True" : "False");
  w.field("reason", unavailable ? "CalicoIsDown" : "CalicoIsUp");
  w.field("message",
          unavailable ? "Calico is shutting down on this node" : "Calico is running on this node");
  w.field("lastHeartbeatTime", now).field("lastTransitionTime", now);
  w.end().end().end().end();
  auto done = kube::Writer(transport).patch({kube::kNodes, "", node}, kube::PatchType::Strategic,
                                            w.text(), "status");
  if (!done) return tl::unexpected(done.error());
  return {};
}

class Felix {
 public:
  Felix(kube::Transport& transport, std::string node)
      : transport_(transport), node_(std::move(node)) {}

  void pass() {
    auto done = keep_all();
    tell(done);
    if (done && !is_policy_only()) tell_of_network();
    if (auto alive = write_file(kAliveFile, ""); !alive) say(alive.error().message);
  }

 private:
  base::Result<void> keep_all() {
    auto objects = read_policy_objects(transport_);
    if (!objects) return tl::unexpected(objects.error());
    objects_ = *std::move(objects);
    auto done = keep(net::Family::V4);
    if (done && environment("FELIX_IPV6SUPPORT") == "true") done = keep(net::Family::V6);
    return done;
  }

  base::Result<void> keep(net::Family family) {
    auto overlay = read_overlay(transport_, node_, family);
    if (!overlay) return tl::unexpected(overlay.error());
    const Tunnel tunnel{family, node_, *std::move(overlay)};
    if (!tunnel.overlay.enabled) return remove(tunnel);
    if (is_policy_only()) return try_to_lay(tunnel);
    if (tunnel.own() == nullptr)
      return base::fail(base::ErrorKind::Invalid, "node " + node_ + " has no tunnel annotations");
    if (auto held = check_own_address(tunnel); !held) return held;
    return lay(tunnel);
  }

  // Until it was heard once. Calico before v3.31 does not wait for Felix to be ready.
  void tell_of_network() {
    if (!told_) told_ = set_network_condition(transport_, node_, false).has_value();
  }

  base::Result<void> check_own_address(const Tunnel& tunnel) {
    const auto address = net::IpAddress::parse(tunnel.own()->inner);
    if (!address) return tl::unexpected(address.error());
    for (const auto& block : tunnel.overlay.blocks)
      if (block.cidr.contains(*address))
        return check_tunnel(transport_, node_, *address, block.cidr);
    return base::fail(base::ErrorKind::NotFound,
                      "tunnel address " + address->to_string() + ": in no block of a node");
  }

  base::Result<void> lay(const Tunnel& tunnel) {
    const auto device = ensure_device(tunnel);
    if (!device) return tl::unexpected(device.error());
    say_once(tunnel, *device);
    if (auto told = tell_mtu(tunnel); !told) return told;
    if (auto laid = ensure_routes(tunnel); !laid) return laid;
    return filter(tunnel);
  }

  // For CNI plugins whose configuration has none.
  static base::Result<void> tell_mtu(const Tunnel& tunnel) {
    if (tunnel.family != net::Family::V4) return {};
    return write_file("/var/lib/calico/mtu", std::to_string(tunnel.overlay.mtu));
  }

  // As long as flannel's device has the VNI and the port, there is none to be made: Felix tries
  // again for ever, and is none the less ready. All else that comes with VXLAN is there.
  base::Result<void> try_to_lay(const Tunnel& tunnel) {
    if (tunnel.own() != nullptr) {
      auto laid = lay(tunnel);
      if (laid) return laid;
      say_once(tunnel, "no " + tunnel.device() + ": " + laid.error().message);
    }
    if (auto laid = ensure_blackholes(tunnel); !laid) return laid;
    return filter(tunnel);
  }

  base::Result<void> remove(const Tunnel& tunnel) {
    if (ip_batch({"link del " + tunnel.device()})) say("VXLAN is off: removed " + tunnel.device());
    if (auto laid = ensure_blackholes(tunnel); !laid) return laid;
    return filter(tunnel);
  }

  base::Result<void> filter(const Tunnel& tunnel) {
    const auto endpoints = endpoints_of(objects_, node_, tunnel.family);
    if (!endpoints) return tl::unexpected(endpoints.error());
    return ensure_filters(tunnel, *endpoints);
  }

  void say_once(const Tunnel& tunnel, const std::string& what) {
    if (said_[tunnel.device()] != what) say(what);
    said_[tunnel.device()] = what;
  }

  // Something that Calico would not have written is a complaint: tests look for the word.
  void tell(const base::Result<void>& done) {
    std::string now = "ready";
    if (!done)
      now = (done.error().kind == base::ErrorKind::Invalid ? "COMPLAINT: " : "not ready: ") +
            done.error().message;
    if (now != last_) say(now);
    last_ = now;
    if (done) {
      if (auto marked = write_file(kReadyFile, ""); !marked) say(marked.error().message);
    } else {
      std::remove(kReadyFile);
    }
  }

  kube::Transport& transport_;
  const std::string node_;
  PolicyObjects objects_;
  std::map<std::string, std::string> said_;
  std::string last_;
  bool told_ = false;
};

}  // namespace

int run_felix(const std::string& node) {
  const auto transport = connect("");
  if (!transport) return say(transport.error().message), 1;
  std::remove(kReadyFile);
  if (auto started = start_up(**transport, node); !started)
    return say("COMPLAINT: " + started.error().message), 1;
  // An earlier one may still be dying: the kubelet starts us again.
  if (auto listens = listen_as_felix(); !listens) return say(listens.error().message), 1;
  for (Felix felix(**transport, node);; std::this_thread::sleep_for(kPause)) felix.pass();
}

int felix_is_ready() { return is_fresh(kReadyFile) ? 0 : 1; }
int felix_is_alive() { return is_fresh(kAliveFile) ? 0 : 1; }

int shut_down(const std::string& node) {
  if (is_policy_only()) return 0;
  const auto transport = connect("");
  return transport && set_network_condition(**transport, node, true) ? 0 : 1;
}

}  // namespace stand_in
