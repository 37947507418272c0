// The machine behind advance() (node_move.h): one object for one node and one plan. Its parts are
// in node_machine.cc (patches, failures, agents), node_machine_out_of_service.cc and
// node_machine_refresh.cc (the node is back in service).
#pragma once

#include "migration/ipam/reservation.h"
#include "migration/node/agent_step.h"
#include "migration/node/drain_policy.h"
#include "migration/node/node_move.h"
#include "migration/node/node_patch.h"

#include <string>
#include <vector>

namespace migration {

class NodeMachine {
 public:
  NodeMachine(PlanBuilder& builder, const NodeView& node, Network goal, StartPolicy start_policy);

  MoveReport run();

 private:
  // --- reporting ---
  void at(Step step) { report_.step = step; }
  void say(std::string message);
  bool corrects_journal() const;

  // --- patches ---
  void patch(NodeChange change);
  std::optional<bool> back_in_service() const;
  bool target_changed_under_way() const;
  void turn_round(const std::string& failure, bool needs_drain = false);
  void finish_untouched(NodeChange change);
  bool release_addresses();
  // The journal of a node that has arrived.
  static void rest(Journal& journal);

  // --- failures and agents ---
  NodeChange next_try(std::string reason) const;
  void fail(const AgentOutcome& outcome, Step step);
  void fail(const std::string& message, bool needs_drain = false);
  void ask_again(const std::string& answer);
  Start may_start();
  AgentOutcome agent(api::AgentOperation operation, std::vector<api::AgentPeer> peers = {});

  // --- on the network that is to be left: Cordon, Drain ---
  void leaving();
  void take_out(NodeChange& change) const;
  void cordon_again(Step step);
  bool drained();
  bool bridge_addresses_free();
  bool evacuated(const Evacuation& result, std::string_view step);

  // --- label none: Stop, Hand ---
  void between();
  void adopt();
  api::Method hand_method() const;
  api::AgentOperation hand_operation() const;
  void hand();
  bool addresses_held(const api::AgentReport& handed);

  // --- on the network that is entered: Start, Verify, Uncordon ---
  void entered();
  void adopt_entered();
  bool started();
  bool network_told();
  bool schedulable();
  void wait_for_start(const std::string& what);
  bool addresses_agree();
  bool leftovers_gone(const api::Pod& verified);

  // --- in service again: Refresh, Clean ---
  void refresh();
  void make_room(int pods);
  void release_early(int pods);
  void free_leases();
  void look_again(base::TimePoint when);
  bool returned_with_pods() const;
  void note_refreshed();
  bool from_before(const api::Pod& pod) const;
  void wait_for_pods(const Evacuation& result);
  void arrive();

  PlanBuilder& builder_;
  const Survey& survey_;
  const NodeView& node_;
  Network goal_;
  StartPolicy start_policy_;
  Journal journal_;
  MoveReport report_;
};

// A pod of the pod network that was created at that time or before, and has an address.
bool created_by(const api::Pod& pod, base::TimePoint when);

}  // namespace migration
