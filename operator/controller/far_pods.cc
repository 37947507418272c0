#include "controller/far_pods.h"

#include <algorithm>

namespace controller {

std::optional<PodAddress> ipv6_address_of(const api::Pod& pod) {
  const auto v6 = std::find_if(pod.ips.begin(), pod.ips.end(), [](const auto& address) {
    return address.family() == net::Family::V6;
  });
  if (pod.host_network || v6 == pod.ips.end()) return std::nullopt;
  return PodAddress{pod.meta.uid, pod.node_name, pod.meta.resource_version, *v6};
}

void FarPods::want(bool wanted) {
  if (wanted == wanted_) return;
  wanted_ = wanted;
  if (wanted && synced_) return begin();
  ++generation_;  // an answer that is on its way comes too late
  complete_ = false;
  early_.clear();
  if (!wanted) snapshot_.set_far_pods(std::nullopt);
}

void FarPods::begin() {
  complete_ = false;
  early_.clear();
  start_list_(++generation_);
}

// What is known stays until the new list is there.
void FarPods::watch_synced() {
  synced_ = true;
  if (wanted_) begin();
}

void FarPods::event(const api::Pod& pod, bool deleted) {
  if (!wanted_) return;
  auto address = ipv6_address_of(pod);
  if (!address) return;
  Event event{std::move(*address), deleted};
  if (!complete_) {
    early_.push_back(std::move(event));
  } else if (api::at_least_as_new(event.pod.version, version_)) {
    publish(event);
  }
}

void FarPods::publish(const Event& event) {
  if (event.deleted) {
    snapshot_.remove_far_pod(event.pod.node, event.pod.uid);
  } else {
    snapshot_.apply_far_pod(event.pod.node, event.pod.uid, event.pod.address);
  }
}

void FarPods::listed(const std::vector<PodAddress>& pods, const std::string& version,
                     std::uint64_t generation) {
  if (generation != generation_) return;
  snapshot_.set_far_pods(migration::PodAddresses{});
  for (const auto& pod : pods) publish({pod, false});
  complete_ = true;
  version_ = version;
  const auto early = std::move(early_);
  early_.clear();
  for (const auto& event : early) {
    if (api::at_least_as_new(event.pod.version, version)) publish(event);
  }
}

void FarPods::list_failed(std::uint64_t generation) {
  if (generation == generation_ && wanted_ && synced_) begin();
}

}  // namespace controller
