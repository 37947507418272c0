// Kinds whose objects are not known. Absence is a fact only where a kind was listed: a Node that is
// not seen has gone, unless nodes are not seen at all.
#pragma once

#include "migration/facts/survey.h"

#include <map>
#include <string>

namespace migration {

// The name of the saved originals' ConfigMap in ClusterState::unseen.
std::string unseen_originals(const ClusterState& cluster);

// Objects that decisions about this migration need and that are unseen, by name. While there are
// any, nothing is decided and nodes out of service stay where they are.
std::map<std::string, Unseen> needed_but_unseen(const Survey& survey);

// True if some needed objects have not been listed yet: then there is nothing new to report either.
bool waits_for_lists(const Survey& survey);

}  // namespace migration
