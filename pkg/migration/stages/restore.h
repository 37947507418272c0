// Restores what the migration changed, from the saved originals.
#pragma once

#include "migration/facts/survey.h"
#include "migration/plan_builder.h"

#include <optional>
#include <string>
#include <vector>

namespace migration {

// The patch that takes the migration's labels and annotations off a node. Calico's annotations
// stay: the node is on Calico. `remains`: what of flannel could not be removed, which the node says
// from then on; empty: nothing.
PatchNode remove_marks(const NodeView& node, const std::string& remains);
// The patch after a revert: Calico's annotations get their originals back, or go.
PatchNode remove_all_marks(const Survey& survey, const NodeView& node);

// IPAMConfig as it was; where there was none, Calico's defaults (on Calico) or none (on flannel).
std::vector<Action> restore_ipam_config(const Survey& survey, Network network);

// Restores a part of IPAMConfig once the operator gives Calico's nodes no more blocks: a node whose
// addresses are used up claims blocks by itself again. While nodes are mixed, affinity stays
// strict: an address that is borrowed from a node on flannel leads to that node.
std::vector<Action> let_calico_claim(const Survey& survey);

// After every node is back on flannel and no label is left: what is still to be undone, in order;
// empty when the cluster is as it was. The saved originals themselves go last.
struct Undo {
  std::string message;
  std::vector<Task> tasks;
};
std::optional<Undo> undo_next(const Survey& survey);

// The update strategy of a DaemonSet's last rollout: as many pods at a time as the user lets be
// unavailable.
std::string rolling_update(const Survey& survey);

bool same_json(const std::string& a, const std::string& b);

}  // namespace migration
