// core/v1 Pod.
#pragma once

#include "api/meta.h"
#include "net/ip_address.h"

#include <optional>
#include <string>
#include <vector>

namespace api {

struct Pod {
  ObjectMeta meta;
  std::string node_name;
  bool host_network = false;
  std::string phase;
  std::optional<base::Duration> active_deadline;  // after its start the kubelet ends it
  bool ready = false;                             // condition Ready is True
  std::vector<net::IpAddress> ips;
  bool empty_dir = false;
  bool mirror = false;  // a static pod's image in the API
  // The first container that waits: its reason (ImagePullBackOff, ...) and message.
  std::string waiting_reason;
  std::string waiting_message;
  // The termination message and exit code of the container named "agent", once it has ended.
  std::string termination_message;
  std::optional<int> exit_code;
  bool operator==(const Pod&) const = default;

  bool finished() const { return phase == "Succeeded" || phase == "Failed"; }
  // Has, or will have, an address of the pod network.
  bool on_pod_network() const { return !host_network && !finished(); }
  // Ends a sentence with ": " and why a container waits; empty while none does.
  std::string why_waiting() const;
};

Pod parse_pod(json::View object);

}  // namespace api
