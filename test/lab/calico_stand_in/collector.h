// The garbage collection of Calico's kube-controllers (the controller "node"), as far as the
// stand-in plays it.
//
// What the real one does, read in kube-controllers/pkg/controllers/node/ipam.go of v3.27.2 and
// v3.32.1, which do the same in all of this:
// - Empty blocks: a block without an allocation is released (its affinity becomes pendingDeletion,
//   the block is marked deleted and goes, the affinity is marked and goes) when its node has
//   another block and it was seen empty for longer than the grace period. A node with a migration
//   label (projectcalico.org/node-network-during-migration) of another value than "calico" is
//   left alone, and the period of its blocks begins anew; one without the label is not.
// - Leaked addresses: one that was allocated to a pod that is not there, is on another node, has
//   ended or has other addresses is a candidate. After the grace period, or at once when its node
//   is gone, it is freed, but only with all other addresses of its handle.
// - Nodes that are gone: when no address on them is a living pod's, their tunnel addresses are
//   freed and their blocks released.
// - An address that is neither a pod's nor a tunnel's is never freed, and neither are the blocks of
//   its node. Such are those that the operator reserves.
// - The grace period is spec.controllers.node.leakGracePeriod of KubeControllersConfiguration
//   "default", 15m without it; with 0s nothing is collected but nodes that are gone.
// - It looks at everything each half of the period (5m with 0s), and at what has changed at once.
//
// Here it looks at everything each half of the period only. What differs without being seen in a
// lab: blocks are taken in order of their CIDRs, and a node keeps its last; addresses are freed by
// handle, not one by one. Windows, virtual machines, LoadBalancer and etcd are not played.
#pragma once

#include "base/error.h"
#include "calico_stand_in/ipam_view.h"
#include "kube/transport.h"

#include <chrono>
#include <map>
#include <set>
#include <string>

namespace stand_in {

class Collector {
 public:
  explicit Collector(kube::Transport& transport) : transport_(transport) {}

  // One look at everything, and what is due; what was found and done, in words.
  base::Result<std::string> scan(std::chrono::milliseconds grace);

 private:
  using Clock = std::chrono::steady_clock;
  using Since = std::map<std::string, Clock::time_point>;

  // Of one scan.
  struct Scan {
    IpamView view;
    std::chrono::milliseconds grace;
    std::set<std::string> in_use;  // nodes with an address that is not to be freed
    std::map<std::string, std::set<std::string>> leaks;  // CIDRs of blocks by handle
    std::string done;
  };

  // Remembers the first time; true once that is longer ago than the grace period.
  static bool has_lasted(Since& since, const std::string& what, const Scan& scan);
  bool is_leaked(const Holder& holder, const Scan& scan);
  void find_leaks(Scan& scan);
  static void find_tunnels_of_nodes_that_are_gone(Scan& scan);
  base::Result<void> free_leaks(Scan& scan);
  bool is_due(const OwnedBlock& block, const Scan& scan);
  base::Result<void> release_empty_blocks(Scan& scan);
  base::Result<void> release_nodes_that_are_gone(Scan& scan);
  base::Result<void> release_block(const OwnedBlock& block, Scan& scan);

  kube::Transport& transport_;
  Since empty_;   // blocks by CIDR
  Since leaked_;  // addresses by handle
};

}  // namespace stand_in
