#include "calico_stand_in/endpoint_rules.h"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace stand_in {
namespace {

using Allowances = std::optional<std::vector<Allowance>>;

// In which direction, and by which words of iptables an end of a packet is asked for.
struct Side {
  std::string chain;      // of an interface, before its name
  std::string dispatch;   // leads there
  std::string interface;  // how a packet's interface is asked for
  std::string peer;       // how a packet's other end is
};
const Side kFrom{"cali-fw-", "cali-from-wl-dispatch", "-i", "dst"};
const Side kTo{"cali-tw-", "cali-to-wl-dispatch", "-o", "src"};

// A name of ipset has at most 31 characters.
std::string set_name(const Allowance& allowance, net::Family family) {
  unsigned char digest[20];
  EVP_Digest(allowance.name.data(), allowance.name.size(), digest, nullptr, EVP_sha1(), nullptr);
  auto name = set_prefix(family);
  for (int i = 0; i < 11; ++i) name += fmt::format("{:02x}", digest[i]);
  return name;
}

class Builder {
 public:
  explicit Builder(net::Family family) : family_(family) {
    for (const auto& side : {kFrom, kTo}) built_.chains.insert(side.dispatch);
    built_.chains.insert("cali-wl-to-host");
  }

  void add(const Endpoint& endpoint) {
    add(endpoint.interface, kFrom, endpoint.egress);
    add(endpoint.interface, kTo, endpoint.ingress);
  }

  EndpointRules finish() {
    for (const auto& side : {kFrom, kTo})
      rule(side.dispatch, "-m comment --comment \"Unknown interface\" -j DROP");
    if (family_ == net::Family::V6)
      for (const int type : {130, 131, 132, 133, 135, 136})
        rule("cali-wl-to-host", fmt::format("-p ipv6-icmp --icmpv6-type {} -j RETURN", type));
    rule("cali-wl-to-host", "-j " + kFrom.dispatch);
    return std::move(built_);
  }

 private:
  void rule(const std::string& chain, const std::string& text) {
    built_.rules += "-A " + chain + " " + text + "\n";
  }

  void add(const std::string& interface, const Side& side, const Allowances& allowances) {
    const auto chain = side.chain + interface;
    built_.chains.insert(chain);
    rule(side.dispatch, fmt::format("{} {} -g {}", side.interface, interface, chain));
    rule(chain, "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN");
    rule(chain, "-m conntrack --ctstate INVALID -j DROP");
    if (!allowances) return;
    for (const auto& allowance : *allowances) allow(chain, side, allowance);
    rule(chain, "-m comment --comment \"Drop if no policies passed packet\" -j DROP");
  }

  void allow(const std::string& chain, const Side& side, const Allowance& allowance) {
    std::string match;
    if (allowance.peers) {
      const auto name = set_name(allowance, family_);
      built_.sets[name] = *allowance.peers;
      match = fmt::format(" -m set --match-set {} {}", name, side.peer);
    }
    const std::vector<std::string> all{""};
    for (const auto& ports : allowance.ports.empty() ? all : allowance.ports)
      rule(chain, ports + match + " -j RETURN");
  }

  const net::Family family_;
  EndpointRules built_;
};

}  // namespace

EndpointRules endpoint_rules(const std::vector<Endpoint>& endpoints, net::Family family) {
  Builder builder(family);
  for (const auto& endpoint : endpoints) builder.add(endpoint);
  return builder.finish();
}

bool is_chain_of_endpoint(const std::string& chain) {
  return chain.starts_with(kFrom.chain) || chain.starts_with(kTo.chain);
}

}  // namespace stand_in
