// Owns the ClusterState that the planner sees, and keeps it as new as the newest answer of the API
// server: events of the watches and results of our own writes go through the same functions, and an
// older version of an object never replaces a newer one. On the strand only.
#pragma once

#include "base/clock.h"
#include "controller/snapshot/pod_summary.h"
#include "controller/snapshot/watched_kind.h"
#include "migration/model/cluster_state.h"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace controller {

class SnapshotBuilder {
 public:
  explicit SnapshotBuilder(migration::Identity self) { state_.self = std::move(self); }

  const migration::ClusterState& state() const { return state_; }
  // Changes whenever a FlannelMigration, DaemonSet or ConfigMap may have changed: the watches and
  // questions depend on these alone (watched_objects.h).
  std::uint64_t interests() const { return interests_; }

  // --- objects, from watches, lists and our own writes ---
  void apply(api::FlannelMigration object);
  void apply(api::Node object);
  void apply(api::DaemonSet object);
  void apply(api::IpPool object);
  void apply(api::FelixConfiguration object);
  void apply(api::IpamConfig object);
  void apply(api::IpamBlock object);
  void apply(api::BlockAffinity object);
  void apply(api::IpamHandle object);
  void apply(api::ClusterInformation object);
  void apply(api::ConfigMap object);
  void apply_agent(api::Pod pod);
  // Removes the object unless it is newer than the deletion, which was another object's then.
  // Without a resourceVersion, removes it only if the UID is the same; without a UID either, any
  // object of the name.
  void remove(Kind kind, const api::ObjectStamp& meta);
  // Removes the ConfigMap unless it is newer than `version`.
  void remove_config_map(const api::ObjectKey& key, const std::string& version = {});

  // --- a full list: what is not handed out between the two is gone, unless it is newer than the
  // list, as an answer to a write of ours may be ---
  void list_begins(Kind kind);
  // The API server's store is another one, whose versions begin lower: every version of these
  // objects that comes from now on is newer than the known ones, and deletions are void.
  void forget_versions(Kind kind);
  void forget_version(const api::ObjectKey& config_map);
  void list_ends(Kind kind, const std::string& version = {});
  // Marks the objects of that name (name_of(), or a ConfigMap's) as unseen from now on. The last
  // known ones stay in the state, unless the kind is not served: then there are none.
  void set_unseen(const std::string& what, migration::Unseen why);
  void set_unseen(Kind kind, migration::Unseen why);
  // Marks objects as lost that were seen so far; another reason for which they are unseen stays.
  void set_lost(const std::string& what) {
    state_.unseen.try_emplace(what, migration::Unseen::Lost);
  }
  // Marks the objects as seen: they are known again, or are not needed now.
  void set_seen(const std::string& what) { state_.unseen.erase(what); }
  // An event of a watch, or a bookmark, had that version. Answers to our own writes do not count:
  // earlier writes of others may still be on their way.
  void watch_progressed(Kind kind, const std::string& version);

  // --- pods of nodes that are looked at ---
  void set_pods(const std::string& node, std::optional<std::map<std::string, api::Pod>> pods);
  void apply_pod(const api::Pod& pod);
  void remove_pod(const std::string& node, const std::string& uid);

  // --- what is kept of all pods, from when `known` on ---
  void set_all_pods(bool known);
  void apply(const PodSummary& pod);
  void remove_facts(const PodSummary& pod);

  // --- our own writes ---
  // The operator has deleted agent pods, and the watch has not reported it yet: finished pods are
  // gone, the others are ending. An empty `node` stands for all nodes.
  void agents_deleted(const std::string& node);
  void set_pending(const std::string& node, std::optional<api::NodePatch> patch);
  void set_busy(std::set<std::string> keys) { state_.busy = std::move(keys); }
  void set_error(const std::string& key, const std::string& message);
  void set_removal(const std::string& uid, migration::RemovalAttempt attempt);
  void set_missing_rights(std::vector<std::string> ours,
                          std::vector<calico::AccountNeed> of_accounts) {
    state_.missing_permissions = std::move(ours);
    state_.missing_account_rights = std::move(of_accounts);
  }
  void set_dry_run(std::string how_to_carry_out) { state_.dry_run = std::move(how_to_carry_out); }
  void set_calico_v3(bool served) { state_.calico_v3_group = served; }

 private:
  // False for an answer that came later than the object's deletion.
  bool seen(Kind kind, const std::string& name, const api::ObjectStamp& meta);
  // Calls `drop` with the ObjectStamp of each object of that kind, wherever it is kept, and removes
  // the objects for which it is true.
  template <typename Drop>
  void sift(Kind kind, const Drop& drop);
  template <typename Drop>
  void sift_nodes(const Drop& drop);
  void erase_node(std::map<std::string, migration::NodeState>::iterator node);
  void adopt_strays(const std::string& node);
  void count_interest(Kind kind);

  migration::ClusterState state_;
  std::uint64_t interests_ = 0;
  std::map<Kind, std::set<std::string>> listing_;  // names handed out so far, per list under way
  std::map<std::string, std::string>
      deleted_;                             // UID -> resourceVersion of its deletion, the latest
  std::deque<std::string> deleted_order_;   // the keys of deleted_, oldest first
  std::map<std::string, api::Pod> strays_;  // agent pods whose node is not known (yet), by name
};

}  // namespace controller
