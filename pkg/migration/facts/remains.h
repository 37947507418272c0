// Remains of a migration that stay on nodes for good. The nodes' annotations name them, as journals
// and agents are gone by then.
#pragma once

#include "migration/facts/survey.h"

#include <string>

namespace migration {

// "flannel's remains stay on 2 nodes: w1, w2"; empty when there are none.
std::string told_of_remains(const Survey& survey);
// Describes the remains on the first of these nodes, and what to do about them; empty when there
// are none.
std::string about_remains(const Survey& survey);

}  // namespace migration
