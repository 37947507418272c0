// What the migration relies on in the CNI plugin that gives flannel's pods their network: they hang
// on a bridge, and host-local writes down, where an agent's pod can read it, who has which address.
#pragma once

#include "json/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace flannel {

// Of a CNI configuration: a .conflist has a list of plugins, a .conf is one.
std::vector<json::View> plugins_of(json::View conf);

// One plugin of a CNI configuration, flannel's or, with host-local's addresses, Calico's. Why pods
// or addresses are somebody else's; empty when they are not.
std::string plugin_problem(json::View plugin);

// Every agent's pod has this folder of its host, with all that is in it.
inline constexpr std::string_view kCniState = "/var/lib/cni";

// One spelling for one folder. What leads upwards stays, and is mounted nowhere.
std::string tidy_folder(std::string_view folder);
// Whether an agent's pod has that folder of its host.
bool is_mounted(std::string_view folder);

}  // namespace flannel
