// Remains of a migration that stay on nodes for good. The nodes' annotations name them, as journals
// and agents are gone by then.
#pragma once

#include "migration/facts/survey.h"

#include <string>
#include <string_view>

namespace migration {

// Annotation of a Node: what of flannel could not be removed from it. It outlives the migration,
// until a person deletes it or the node goes back to flannel.
inline constexpr std::string_view kRemainsAnnotation = "cni-migration.io/remains";

// "flannel's remains stay on 2 nodes: w1, w2"; empty when there are none.
std::string told_of_remains(const Survey& survey);
// Describes the remains on the first of these nodes, and what to do about them; empty when there
// are none.
std::string about_remains(const Survey& survey);

}  // namespace migration
