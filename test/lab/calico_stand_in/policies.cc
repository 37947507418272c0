#include "calico_stand_in/policies.h"

#include "calico_stand_in/datastore.h"
#include "calico_stand_in/label_selector.h"
#include "calico_stand_in/link_name.h"

#include <fmt/format.h>

#include <algorithm>

namespace stand_in {
namespace {

using Cidrs = std::vector<net::Cidr>;

constexpr kube::Resource kPolicies{"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"};

struct Direction {
  const char* type;
  const char* rules;
  const char* peers;
};
constexpr Direction kIngress{"Ingress", "ingress", "from"};
constexpr Direction kEgress{"Egress", "egress", "to"};

void add_cidr(const std::string& text, net::Family family, Cidrs& cidrs) {
  const auto cidr = net::Cidr::parse(text);
  if (cidr && cidr->family() == family) cidrs.push_back(*cidr);
}

// The plugin writes an empty text when it has pulled the pod out.
bool is_finished(json::View pod) {
  const auto written = pod["metadata"]["annotations"]["cni.projectcalico.org/podIP"];
  const auto phase = pod["status"]["phase"].string();
  return phase == "Succeeded" || phase == "Failed" ||
         (pod["metadata"]["deletionTimestamp"].exists() && written.exists() &&
          written.string().empty());
}

// What the plugin wrote counts until kubelet has written them, too.
Cidrs addresses_of(json::View pod, net::Family family) {
  Cidrs cidrs;
  if (pod["spec"]["hostNetwork"].boolean() || is_finished(pod)) return cidrs;
  const auto addresses = pod["status"]["podIPs"].items();
  for (const auto& address : addresses)
    add_cidr(address["ip"].string() + (family == net::Family::V4 ? "/32" : "/128"), family, cidrs);
  if (!addresses.empty()) return cidrs;
  const auto text = pod["metadata"]["annotations"]["cni.projectcalico.org/podIPs"].string();
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = std::min(text.find(',', begin), text.size());
    add_cidr(text.substr(begin, end - begin), family, cidrs);
  }
  return cidrs;
}

// In the halves that have nothing of the exceptions. An ipset takes no CIDR of length 0.
void add_without(const net::Cidr& cidr, const Cidrs& exceptions, Cidrs& cidrs) {
  const auto is_in = [&](const net::Cidr& other) { return other.contains(cidr); };
  const auto touches = [&](const net::Cidr& other) { return other.overlaps(cidr); };
  if (std::any_of(exceptions.begin(), exceptions.end(), is_in)) return;
  if (cidr.prefix() > 0 && std::none_of(exceptions.begin(), exceptions.end(), touches))
    return cidrs.push_back(cidr);
  for (const auto& half : cidr.subnets(cidr.prefix() + 1, 2)) add_without(half, exceptions, cidrs);
}

void add_block(json::View block, net::Family family, Cidrs& cidrs) {
  const auto cidr = net::Cidr::parse(block["cidr"].string());
  Cidrs exceptions;
  for (const auto& text : block["except"].strings()) add_cidr(text, family, exceptions);
  if (cidr && cidr->family() == family) add_without(*cidr, exceptions, cidrs);
}

// Of one policy, rule by rule.
class Rules {
 public:
  Rules(const PolicyObjects& objects, const json::Document& policy, net::Family family)
      : objects_(objects), policy_(policy), family_(family) {}

  base::Result<void> add(const Direction& direction, std::vector<Allowance>& allowances) const {
    const auto rules = policy_["spec"][direction.rules].items();
    for (std::size_t i = 0; i < rules.size(); ++i) {
      auto ports = ports_of(rules[i]);
      if (!ports) return tl::unexpected(ports.error());
      allowances.push_back({fmt::format("{}/{}/{}/{}", ns(), policy_["metadata"]["name"].string(),
                                        direction.type, i),
                            peers_of(rules[i][direction.peers]), *std::move(ports)});
    }
    return {};
  }

 private:
  std::string ns() const { return policy_["metadata"]["namespace"].string(); }

  std::optional<Cidrs> peers_of(json::View peers) const {
    if (peers.size() == 0) return std::nullopt;
    Cidrs cidrs;
    for (const auto peer : peers.items())
      if (peer["ipBlock"].exists())
        add_block(peer["ipBlock"], family_, cidrs);
      else
        add_pods(peer, cidrs);
    return cidrs;
  }

  void add_pods(json::View peer, Cidrs& cidrs) const {
    for (const auto& pod : objects_.pods) {
      if (!is_in_namespace(peer, pod["metadata"]["namespace"].string())) continue;
      if (!selects(peer["podSelector"], pod["metadata"]["labels"])) continue;
      const auto addresses = addresses_of(pod.root(), family_);
      cidrs.insert(cidrs.end(), addresses.begin(), addresses.end());
    }
  }

  // Without a selector of namespaces the policy's own is meant.
  bool is_in_namespace(json::View peer, const std::string& name) const {
    if (!peer["namespaceSelector"].exists()) return name == ns();
    const auto found = std::find_if(
        objects_.namespaces.begin(), objects_.namespaces.end(),
        [&](const json::Document& one) { return one["metadata"]["name"].string() == name; });
    return found != objects_.namespaces.end() &&
           selects(peer["namespaceSelector"], (*found)["metadata"]["labels"]);
  }

  base::Result<std::vector<std::string>> ports_of(json::View rule) const {
    std::vector<std::string> matches;
    for (const auto port : rule["ports"].items()) {
      if (port["port"].is_string())
        return base::fail(base::ErrorKind::Invalid,
                          "NetworkPolicy with the named port " + port["port"].string());
      auto match = " -p " + port["protocol"].string("TCP");
      std::transform(match.begin(), match.end(), match.begin(), ::tolower);
      const auto first = port["port"].integer();
      if (first != 0) match += fmt::format(" --dport {}:{}", first, port["endPort"].integer(first));
      matches.push_back(match);
    }
    return matches;
  }

  const PolicyObjects& objects_;
  const json::Document& policy_;
  const net::Family family_;
};

bool is_about(const json::Document& policy, json::View pod, const Direction& direction) {
  const auto types = policy["spec"]["policyTypes"].strings();
  return std::find(types.begin(), types.end(), direction.type) != types.end() &&
         policy["metadata"]["namespace"].string() == pod["metadata"]["namespace"].string() &&
         selects(policy["spec"]["podSelector"], pod["metadata"]["labels"]);
}

base::Result<std::optional<std::vector<Allowance>>> allowances_of(const PolicyObjects& objects,
                                                                  json::View pod,
                                                                  const Direction& direction,
                                                                  net::Family family) {
  std::optional<std::vector<Allowance>> allowances;
  for (const auto& policy : objects.policies) {
    if (!is_about(policy, pod, direction)) continue;
    if (!allowances) allowances.emplace();
    if (auto added = Rules(objects, policy, family).add(direction, *allowances); !added)
      return tl::unexpected(added.error());
  }
  return allowances;
}

bool is_endpoint(json::View pod, const std::string& node) {
  return pod["spec"]["nodeName"].string() == node && !addresses_of(pod, net::Family::V4).empty();
}

}  // namespace

base::Result<PolicyObjects> read_policy_objects(kube::Transport& transport) {
  PolicyObjects objects;
  for (const auto& [resource, documents] : {std::pair{&kPolicies, &objects.policies},
                                            {&kube::kPods, &objects.pods},
                                            {&kube::kNamespaces, &objects.namespaces}}) {
    auto listed = list_all(transport, *resource);
    if (!listed) return tl::unexpected(listed.error());
    *documents = *std::move(listed);
  }
  return objects;
}

base::Result<std::vector<Endpoint>> endpoints_of(const PolicyObjects& objects,
                                                 const std::string& node, net::Family family) {
  std::vector<Endpoint> endpoints;
  for (const auto& pod : objects.pods) {
    if (!is_endpoint(pod.root(), node)) continue;
    auto ingress = allowances_of(objects, pod.root(), kIngress, family);
    if (!ingress) return tl::unexpected(ingress.error());
    auto egress = allowances_of(objects, pod.root(), kEgress, family);
    if (!egress) return tl::unexpected(egress.error());
    const auto meta = pod["metadata"];
    endpoints.push_back({link_of_pod(meta["namespace"].string(), meta["name"].string()),
                         *std::move(ingress), *std::move(egress)});
  }
  return endpoints;
}

}  // namespace stand_in
