// Recognises flannel's packet filter rules (../flannel/README.md, Packet filters), and Calico's
// (README.md).
#pragma once

#include "netlink/packet_filter.h"

#include <vector>

namespace hostnet {

// Chains FLANNEL-POSTRTG and FLANNEL-FWD; rules with flannel's comments, which before v0.20 stood
// in the kernel's own chains; the tables of its nftables mode.
std::vector<netlink::FilterCut> flannel_cuts(const std::vector<netlink::FilterTable>& tables);
// Chains cali-*; rules that carry Felix's hash as a comment; the tables of its nftables mode.
std::vector<netlink::FilterCut> calico_cuts(const std::vector<netlink::FilterTable>& tables);
// Cuts only Felix's rule that drops VXLAN packets of unknown hosts: a dead Felix learns of no new
// ones (felix/rules/static.go; the words differ between releases, "non-allowed" and
// "non-whitelisted", and begin with "Drop", for IPv6 with what iptablesFilterDenyAction says).
std::vector<netlink::FilterCut> vxlan_drop_cuts(const std::vector<netlink::FilterTable>& tables);

}  // namespace hostnet
