#include "api/agent.h"

#include "api/agent_words.h"

#include <fmt/format.h>

namespace api {
namespace {

// Options of a command line, in order; those without a value are left out.
class Arguments {
 public:
  explicit Arguments(std::string_view command) { list_.emplace_back(command); }

  Arguments& add(std::string_view option, std::string value) {
    if (value.empty()) return *this;
    list_.emplace_back(option);
    list_.push_back(std::move(value));
    return *this;
  }

  std::vector<std::string> take() && { return std::move(list_); }

 private:
  std::vector<std::string> list_;
};

std::string text_of(const std::optional<AgentNetwork>& network) {
  return network ? std::string(word_of(kAgentNetworks, *network)) : std::string();
}

}  // namespace

std::string_view to_string(AgentOperation operation) {
  return word_of(kAgentOperations, operation);
}

std::optional<AgentOperation> parse_agent_operation(std::string_view text) {
  return value_of(kAgentOperations, text);
}

std::vector<std::string> AgentTask::arguments() const {
  Arguments list(to_string(operation));
  list.add("--node", node).add("--run", std::to_string(run));
  list.add("--vni", std::to_string(vni)).add("--port", std::to_string(port));
  list.add("--mtu", mtu > 0 ? std::to_string(mtu) : "");
  for (const auto& cidr : pod_cidrs) list.add("--pod-cidr", cidr.to_string());
  list.add("--vtep-mac", vtep_mac).add("--vtep-mac-v6", vtep_mac_v6);
  list.add("--public-ip", public_ip).add("--public-ip-v6", public_ip_v6);
  list.add("--cni-config-dir", cni_config_dir).add("--lease-network", lease_network);
  list.add("--lease-folder", lease_folder).add("--container-runtime", container_runtime);
  list.add("--block-size", std::to_string(block_size));
  list.add("--ipv6-block-size", std::to_string(ipv6_block_size));
  for (const auto& [block, vtep] : peer_blocks)
    list.add("--peer-block", fmt::format("{}={}", block.to_string(), vtep.to_string()));
  list.add("--route-protocol", std::to_string(route_protocol));
  list.add("--network", text_of(network));
  for (const auto& peer : peers)
    list.add("--peer", fmt::format("{}={}", peer.node, peer.vtep.to_string()));
  list.add("--felix-health-port", std::to_string(felix_health_port));
  list.add("--timeout", fmt::format("{}s", timeout_seconds));
  return std::move(list).take();
}

}  // namespace api
