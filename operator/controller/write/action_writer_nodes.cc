// The part of ActionWriter that writes to nodes.
#include "base/log.h"
#include "controller/snapshot/snapshot_builder.h"
#include "controller/write/action_writer.h"

#include <set>

namespace controller {
namespace {

base::Result<Change> take_node(const base::Result<json::Document>& answer) {
  if (!answer) return base::Failure(answer.error());
  return Change([node = api::parse_node(answer->root())](SnapshotBuilder& snapshot) {
    snapshot.apply(node);
  });
}

// Steps that an admin wants to find in `kubectl describe node` afterwards; the others are in the
// log.
bool worth_an_event(const std::string& reason) {
  static const std::set<std::string> reasons = {
      "Migrated",   "Reverted", "RollingBack",    "TurnedRound", "Failed",
      "NodeJoined", "Adopted",  "FinalizeFailed", "JournalLost", "JournalCorrected"};
  return reasons.contains(reason);
}

kube::EventType type_of(const std::string& reason) {
  static const std::set<std::string> bad = {"RollingBack", "Failed", "FinalizeFailed",
                                            "JournalLost", "JournalCorrected"};
  return bad.contains(reason) ? kube::EventType::Warning : kube::EventType::Normal;
}

}  // namespace

base::Result<Change> ActionWriter::write(const migration::PatchNode& action) const {
  auto answer = writer_.patch({kube::kNodes, "", action.node}, kube::PatchType::Merge,
                              api::render(action.patch));
  if (answer) tell(action);
  return take_node(answer);
}

void ActionWriter::tell(const migration::PatchNode& action) const {
  base::log_info("node patched",
                 {{"node", action.node}, {"reason", action.reason}, {"message", action.message}});
  if (!worth_an_event(action.reason)) return;
  // Events of nodes carry the node's name as UID: that is what kubectl describe looks for.
  events_.record({{"v1", "Node", "", action.node, action.node},
                  type_of(action.reason),
                  action.reason,
                  action.message.empty() ? action.reason : action.message,
                  {}});
}

base::Result<Change> ActionWriter::write(const migration::SetNetworkAvailable& action) const {
  auto answer = writer_.patch({kube::kNodes, "", action.node}, kube::PatchType::Strategic,
                              api::render(action.condition), "status");
  if (answer) {
    base::log_info("NetworkUnavailable set False",
                   {{"node", action.node}, {"reason", action.condition.reason}});
  }
  return take_node(answer);
}

}  // namespace controller
