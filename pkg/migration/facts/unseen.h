// Kinds whose objects are not known. Absence is a fact only where a kind was listed: a Node that is
// not seen has gone, unless nodes are not seen at all.
#pragma once

#include "migration/facts/survey.h"

#include <map>
#include <string>

namespace migration {

// The name of the saved originals' ConfigMap in ClusterState::unseen.
std::string unseen_originals(const ClusterState& cluster);

// What is unseen of that on which decisions about this migration depend, by name. While there is
// any, nothing is decided and nodes out of service stay where they are.
std::map<std::string, Unseen> needed_but_unseen(const Survey& survey);

// Some of it has not been listed yet: there is no news to tell either.
bool waits_for_lists(const Survey& survey);

}  // namespace migration
