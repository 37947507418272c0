// Checks what the migration relies on in the CNI plugin of flannel's pods: pods are attached to a
// bridge, and host-local records each pod's address where an agent's pod can read it.
#pragma once

#include "json/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace flannel {

// Plugins of a CNI configuration: a .conflist has a list of them, a .conf is one itself.
std::vector<json::View> plugins_of(json::View conf);

// `plugin` is flannel's or, where it has host-local's addresses, Calico's. Names another plugin
// that handles its pods or assigns their addresses; empty when there is no other one.
std::string plugin_problem(json::View plugin);

// Every agent's pod has this folder of its host, with all that is in it.
inline constexpr std::string_view kCniState = "/var/lib/cni";

// Returns the one spelling of a folder. A path that leads upwards with ".." keeps it, and counts as
// not mounted.
std::string tidy_folder(std::string_view folder);
// Whether an agent's pod has that folder of its host.
bool is_mounted(std::string_view folder);

}  // namespace flannel
