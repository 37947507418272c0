// The contract between the operator and flannel-migration-agent: what an agent pod is asked to do,
// and the one JSON object (at most 4,096 bytes) that it leaves in its termination message.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "net/cidr.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace api {

// A node's work, one operation a pod. Each may be repeated at any point, also after it was killed
// at any point.
enum class AgentOperation {
  Preflight,   // reads only: subnet.env, device, files
  HandOver,    // flannel's tunnel device becomes Calico's; pods stay on the bridge
  HandBack,    // the mirror of HandOver; also undoes an unfinished one
  CutOver,     // method Drain: flannel's devices are deleted
  CutBack,     // method Drain, towards flannel: Calico's devices are deleted
  Verify,      // the device is as the annotations say and the peers answer
  Probe,       // the peers answer, whatever the device is like
  FreeLeases,  // leases that HandBack has written for pods that are gone now
  Clean,       // what the network that was left behind still owns on this node
  Finalize,    // flannel's remaining files and rules, after the whole migration
};

// "preflight", "handover", ...: the sub-command of the program and the value of the operation
// label.
std::string_view to_string(AgentOperation operation);
std::optional<AgentOperation> parse_agent_operation(std::string_view text);

// The network whose remains Clean removes, and the network that Verify checks the node for.
enum class AgentNetwork { Flannel, Calico };

struct AgentPeer {
  std::string node;
  net::IpAddress vtep;
  bool operator==(const AgentPeer&) const = default;
};

// A block of a peer, and the peer's tunnel address.
struct AgentPeerBlock {
  net::Cidr block;
  net::IpAddress vtep;
  bool operator==(const AgentPeerBlock&) const = default;
};

struct AgentTask {
  AgentOperation operation = AgentOperation::Preflight;
  std::string node;
  std::uint64_t run =
      0;  // never used twice for one node: distinguishes this pod's report from an older one
  std::vector<net::Cidr> pod_cidrs;
  int vni = 1;
  int port = 8472;
  int mtu = 0;  // of the tunnel device, in the whole cluster: a larger one is set down to it by
                // HandOver, a smaller one is refused; 0: as it is
  std::string vtep_mac;
  std::string vtep_mac_v6;
  std::string public_ip;
  std::string public_ip_v6;
  std::string cni_config_dir;
  std::string lease_network;  // of flannel's CNI configuration, for where that is not on the node
  std::string lease_folder;   // the same: host-local's dataDir; empty: its default
  std::string container_runtime;  // the Node's containerRuntimeVersion, e.g. "cri-o://1.28.1";
                                  // empty: looked for on the node
  int block_size = 26;            // of Calico's IPAM: by it a block's blackhole is recognised
  int ipv6_block_size = 122;
  std::vector<AgentPeerBlock> peer_blocks;  // blocks that flannel's routes on the node do not cover
  int route_protocol = 3;                   // of Felix's routes to peers: deviceRouteProtocol
  std::optional<AgentNetwork> network;      // Clean, Verify
  std::vector<AgentPeer> peers;
  int felix_health_port = 9099;  // while something listens there, Felix is alive
  std::uint32_t timeout_seconds = 120;

  // Command line of the program, without its name.
  std::vector<std::string> arguments() const;
  bool operator==(const AgentTask&) const = default;
};

enum class AgentResult {
  Succeeded,
  Failed,   // may work when tried again
  Refused,  // nothing was changed, and trying again will not help: the message says what a person
            // must do
};

// Reasons of refusals and failures that matter to the operator.
inline constexpr std::string_view kReasonNotHandOverable = "DeviceNotHandOverable";  // Refused
inline constexpr std::string_view kReasonPeersSilent = "PeersSilent";  // Verify: all else is right

struct AgentReport {
  AgentOperation operation = AgentOperation::Preflight;
  std::string node;
  std::uint64_t run = 0;
  AgentResult result = AgentResult::Failed;
  std::string reason;
  std::string message;
  json::StringMap subnet_env;  // Preflight
  // MTU of flannel's device: set by Preflight, and by HandOver when it refuses.
  std::optional<int> tunnel_mtu;
  // HandOver: addresses of pods that hang on flannel's bridge, and those that no pod can have while
  // the bridge is there, as they are its own.
  std::set<net::IpAddress> live_addresses;
  std::optional<int> asked_mtu;  // the task's; the cluster's may be another one meanwhile
  bool operator==(const AgentReport&) const = default;
};

// Reads a termination message as untrusted input: Invalid with the reason, never more than
// `max_addresses` addresses, and only addresses inside the pod CIDRs that the report itself names.
base::Result<AgentReport> parse_agent_report(std::string_view termination_message,
                                             std::size_t max_addresses = 4096);

inline constexpr std::size_t kMaxAgentReport = 4096;

// The termination message; live addresses are named as offsets into `pod_cidrs`, those outside are
// left out. The message is shortened to make it fit; a report whose observations do not fit says
// Failed.
std::string render_agent_report(AgentReport report, const std::vector<net::Cidr>& pod_cidrs);

// "2-5,9" for {2,3,4,5,9}: how a report names addresses as offsets into a pod CIDR, so that 250
// pods fit.
std::string format_offsets(const std::set<std::uint64_t>& offsets);
base::Result<std::set<std::uint64_t>> parse_offsets(std::string_view text, std::size_t limit);

}  // namespace api
