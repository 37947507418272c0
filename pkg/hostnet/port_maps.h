// Rules that CNI plugins keep for a pod, by network and container (containernetworking/plugins):
// portmap's for its hostPorts, the bridge plugin's where it masquerades itself.
//
// A plugin finds its rules by the name of a chain, which is made of the network's name and the
// container's. After the node has changed its network, containerd asks with the new name: the
// plugin would find nothing, the rules of a dead pod would stay in front of its successor's, and
// its hostPort would lead to the pod that gets its address next. So the chains get the names by
// which they will be looked up.
#pragma once

#include "netlink/packet_filter.h"

#include <string>
#include <string_view>
#include <vector>

namespace hostnet {

// portmap's chain of a container (utils.MustFormatChainNameWithPrefix, prefix DN-).
std::string port_map_chain(std::string_view network, std::string_view container);

// Gives portmap's chains the names that they have in that network.
std::vector<netlink::FilterRename> port_map_renames(const std::vector<netlink::FilterTable>& tables,
                                                    std::string_view network);
// Cuts the rules of all pods of that network, whatever their chains are called now. All of these
// pods must be dead.
std::vector<netlink::FilterCut> port_map_cuts(const std::vector<netlink::FilterTable>& tables,
                                              std::string_view network);

}  // namespace hostnet
