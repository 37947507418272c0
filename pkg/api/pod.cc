#include "api/pod.h"

#include "api/names.h"
#include "api/read_values.h"

#include <algorithm>

namespace api {
namespace {

bool has_empty_dir(json::View volumes) {
  const auto items = volumes.items();
  return std::any_of(items.begin(), items.end(),
                     [](auto volume) { return volume["emptyDir"].exists(); });
}

std::vector<net::IpAddress> parse_ips(json::View status) {
  std::vector<net::IpAddress> ips;
  for (const auto& entry : status["podIPs"].items()) {
    if (auto ip = read_address(entry["ip"])) ips.push_back(*ip);
  }
  if (!ips.empty()) return ips;
  if (auto ip = read_address(status["podIP"])) ips.push_back(*ip);
  return ips;
}

// Reads init containers first: while one of them waits, the others only say PodInitializing.
void read_waiting(json::View status, Pod& pod) {
  for (const auto* list : {"initContainerStatuses", "containerStatuses"}) {
    for (const auto& container : status[list].items()) {
      const auto waiting = container["state"]["waiting"];
      if (!waiting.exists()) continue;
      pod.waiting_reason = waiting["reason"].string();
      pod.waiting_message = waiting["message"].string();
      return;
    }
  }
}

void read_termination(json::View status, Pod& pod) {
  for (const auto& container : status["containerStatuses"].items()) {
    const auto terminated = container["state"]["terminated"];
    if (container["name"].string_view() != kAgentContainer || !terminated.exists()) continue;
    pod.termination_message = terminated["message"].string();
    pod.exit_code = read_int(terminated["exitCode"]);
    return;
  }
}

}  // namespace

std::string Pod::why_waiting() const {
  if (waiting_reason.empty()) return {};
  const auto* gap = waiting_message.empty() ? "" : " ";
  return ": " + waiting_reason + gap + waiting_message;
}

Pod parse_pod(json::View object) {
  const auto spec = object["spec"];
  const auto status = object["status"];
  Pod pod;
  pod.meta = parse_meta(object);
  pod.node_name = spec["nodeName"].string();
  pod.host_network = spec["hostNetwork"].boolean();
  pod.phase = status["phase"].string();
  if (const auto seconds = spec["activeDeadlineSeconds"]; seconds.exists())
    pod.active_deadline = std::chrono::seconds(read_int(seconds));
  pod.ready = condition_is_true(status["conditions"], "Ready");
  pod.ips = parse_ips(status);
  pod.empty_dir = has_empty_dir(spec["volumes"]);
  pod.mirror = pod.meta.annotation(kMirrorAnnotation) != nullptr;
  read_waiting(status, pod);
  read_termination(status, pod);
  return pod;
}

}  // namespace api
