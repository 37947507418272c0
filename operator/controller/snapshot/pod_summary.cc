#include "controller/snapshot/pod_summary.h"

#include <algorithm>

namespace controller {
namespace {

std::optional<net::IpAddress> ipv6_of(const api::Pod& pod) {
  if (pod.host_network) return std::nullopt;
  const auto v6 = std::find_if(pod.ips.begin(), pod.ips.end(), [](const auto& address) {
    return address.family() == net::Family::V6;
  });
  return v6 == pod.ips.end() ? std::nullopt : std::optional(*v6);
}

}  // namespace

PodSummary facts_of(const api::Pod& pod) {
  return {pod.meta.uid,
          pod.node_name,
          pod.meta.resource_version,
          ipv6_of(pod),
          migration::lone_pod(pod),
          migration::daemon_pod(pod)};
}

}  // namespace controller
