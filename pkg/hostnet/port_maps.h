// Rules that CNI plugins keep for a pod, by network and container (containernetworking/plugins):
// portmap's for its hostPorts, the bridge plugin's where it masquerades itself.
//
// A plugin finds them again by a chain's name, made of the network's name and the container's.
// After the node has changed its network, containerd asks with the new one: nothing would be found,
// the rules of a dead pod would stay in front of those of its successor, and its hostPort would
// lead to whoever gets its address next. So the chains get the names that they are going to be
// asked for.
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
// Takes out all that was made for pods of that network, whatever its chains are called now. None of
// these pods may be alive.
std::vector<netlink::FilterCut> port_map_cuts(const std::vector<netlink::FilterTable>& tables,
                                              std::string_view network);

}  // namespace hostnet
