// The rules of the packet filter for the pods of a node.
//
// What the real one does, read in felix/rules as it was in 2024 and 2026: what comes in from, or
// goes out to, an interface cali* goes through a chain of that interface, cali-fw-* or cali-tw-*.
// There what belongs to an established connection passes first, so that connections live on when a
// policy begins to ask for something, or a calico-node starts anew; then what conntrack calls
// invalid is dropped, and then what no rule allows. A packet of an interface that Felix does not
// know (yet) is dropped. What a node itself sends to its own pods is not asked for, as kubelet's
// probes; what pods send to their own node is, by the rules for what they send, but for IPv6's
// neighbour discovery. All chains of a table change at once.
//
// The real one has a chain for each policy, marks packets where these RETURN, and has much else:
// rules against forged sources, for DHCP, DNS and tunnels of pods, for hosts, and before NAT.
#pragma once

#include "calico_stand_in/ip_sets.h"
#include "calico_stand_in/policies.h"

#include <set>
#include <string>
#include <vector>

namespace stand_in {

struct EndpointRules {
  std::set<std::string> chains;
  std::string rules;  // as iptables-restore reads them
  IpSets sets;
};

// cali-FORWARD and cali-INPUT go to the chains that every node has: cali-from-wl-dispatch,
// cali-to-wl-dispatch and cali-wl-to-host.
EndpointRules endpoint_rules(const std::vector<Endpoint>& endpoints, net::Family family);

// Such as are in no table without its interface.
bool is_chain_of_endpoint(const std::string& chain);

}  // namespace stand_in
