// The first step of every plan collects facts: which DaemonSets run flannel and Calico, flannel's
// settings, the saved originals, and a view of every node. Nothing is decided here.
#pragma once

#include "flannel/install.h"
#include "flannel/node_annotations.h"
#include "migration/facts/journal.h"
#include "migration/facts/originals.h"
#include "migration/facts/settings.h"
#include "migration/model/cluster_state.h"

#include <optional>
#include <string>
#include <vector>

namespace migration {

struct NodeView {
  std::string name;
  const NodeState* state = nullptr;
  std::optional<Network>
      label;  // what the network label says; nullopt when it is absent or unreadable
  // The network whose DaemonSet runs here: by the label, or, without one, by which DaemonSet
  // selects the node. If neither does, the network that the journal names: the node belongs there.
  Network network = Network::None;
  bool unserved = false;     // neither DaemonSet selects it
  bool joined = false;       // nor does a journal name a network: most likely it has just come
  bool in_progress = false;  // label projectcalico.org/node-flannel-migration-in-progress
  std::optional<Journal> journal;
  std::string journal_error;  // the annotation is there and cannot be read
  bool control_plane = false;
  bool own = false;  // runs the operator
  // True if rollout.nodeSelector selects the node, which decides only who leaves flannel: on the
  // way back all nodes go.
  bool selected = true;
  std::optional<flannel::NodeAnnotations> flannel;
  std::string flannel_error;
  std::string
      left_alone;  // why the migration leaves it as it is (left_alone.h); empty: it does not

  const api::Node& node() const { return state->node; }
  // A move was begun and is not finished.
  bool in_flight() const { return in_progress || (label && *label == Network::None); }
  bool resting() const { return !in_flight() && !unserved; }
  // Between Cordon and Uncordon, a cordon on its way to the server included.
  bool out() const;
  bool failed() const { return journal && journal->step == Step::Failed && resting(); }
};

struct Survey {
  const ClusterState& cluster;
  const api::FlannelMigration& migration;
  const api::MigrationSpec& spec;
  base::TimePoint now;

  std::vector<flannel::Candidate> candidates{};       // every DaemonSet that runs flanneld
  std::vector<const api::DaemonSet*> flannel_sets{};  // of the chosen installation
  std::optional<flannel::Candidate>
      install{};  // of the chosen one; from the saved original when it is deleted
  std::vector<const api::DaemonSet*> other_flannels{};  // of other installations
  const api::DaemonSet* calico_node = nullptr;
  const api::ConfigMap* flannel_config = nullptr;
  const api::ConfigMap* calico_config = nullptr;
  std::optional<Originals> originals{};  // present: a migration has begun
  std::string originals_error{};
  std::optional<flannel::NetConf> net_conf{};
  std::string net_conf_error{};
  Settings settings{};
  std::string lease_network{};         // of flannel's CNI configuration, as its ConfigMap names it
  std::vector<NodeView> nodes{};       // Linux nodes that move, or have moved, by name
  std::vector<NodeView> left_alone{};  // nodes that do not, by name
  int other_nodes = 0;  // left alone: of another operating system, or not wanted by Calico now

  bool begun() const { return originals.has_value(); }
  // IPAMConfig is as the migration sets it: strict, and no block is claimed unasked.
  bool ipam_is_held() const;
  bool on_canal() const { return install && install->flavour == flannel::Flavour::Canal; }
  // calico-node carries the migration's node selector, so that it runs only on nodes labelled for
  // it.
  bool calico_gated() const;
  // True if the migration's steps have left something on a node that only flannel or Calico
  // explains.
  bool has_traces() const;
  // spec.flannel has every value that net-conf.json would have.
  bool configuration_is_given() const;
  // A flannel DaemonSet is there, and is not being deleted.
  bool flannel_stays() const;
  // Every flannel DaemonSet carries it, so that flannel leaves a node when its label changes.
  bool flannel_gated() const;
  const NodeView* find(std::string_view node) const;
};

// `migration` must have a readable spec.
Survey take_survey(const ClusterState& cluster, const api::FlannelMigration& migration,
                   base::TimePoint now);

// Whether a DaemonSet's template carries the migration's node selector with that network's value.
bool is_gated(const api::DaemonSet& set, Network network);

}  // namespace migration
