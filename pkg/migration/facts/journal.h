// The part of a node's move that cannot be observed: the annotation cni-migration.io/state, written
// in the same patch as the labels it explains. Everything else about a node's step is derived from
// what is observed (node_move.h).
#pragma once

#include "base/error.h"
#include "base/time.h"
#include "migration/model/network.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace migration {

// The steps of one node, in order, the same for both directions. Those that need a patch of the
// node are journaled (Cordon, Stop, Start, Refresh, Done, Failed; Queued of a node that joined and
// never moved); the others are seen from agent pods and pods.
//
//   Queued -> Cordon -> [Drain] -> Stop -> Hand -> Start -> Verify -> Uncordon -> Refresh -> Clean
//   -> Soak -> Done
//               |__________________________________________|  a failure here turns the node round
//               (rolling_back) and leaves it, where it was before, as Failed
enum class Step {
  Queued,
  Cordon,
  Drain,  // method Drain only
  Stop,   // the DaemonSet that is left: StopFlannel, StopCalico
  Hand,   // the agent changes the host: HandOver/HandBack, or CutOver/CutBack
  Start,  // the DaemonSet that is entered: StartCalico, StartFlannel
  Verify,
  Uncordon,
  Refresh,
  Clean,
  Soak,
  Done,  // Migrated, Reverted
  Failed,
};

// The step's name for people, e.g. "StopFlannel" towards Calico and "StopCalico" towards flannel.
std::string_view step_name(Step step, Network towards, api::Method method);

struct Journal {
  Network towards = Network::Calico;  // of the current or the last move
  Network from = Network::Flannel;    // where the node rested when its move began
  Step step = Step::Queued;           // the last step that was journaled
  base::TimePoint since{};            // when that was
  int attempt = 0;                    // moves that failed since the last success
  int tries = 0;          // failures of the current step that were not answered by turning round
  std::uint64_t run = 0;  // counts agent runs of this node; never used twice
  api::Method method = api::Method::HandOver;
  bool admin_cordon = false;  // it was unschedulable before us: it stays so afterwards
  bool rolling_back = false;  // on the way back because a step failed
  bool needs_drain = false;  // the device cannot be handed over: the next attempt uses method Drain
  bool mixed = false;  // both networks ran here in this move: pods of the one that is left have to
                       // be replaced
  // Pods created later than this have their address from the network that was entered.
  std::optional<base::TimePoint> refresh_before;
  std::string error;  // of the last failure; at most 200 characters
  bool operator==(const Journal&) const = default;

  // The network whose DaemonSet the step leaves on the node; nullopt if the step does not show it.
  std::optional<Network> network() const;
  // Between Cordon and Uncordon: the node takes no new pods.
  bool out() const { return step == Step::Cordon || step == Step::Stop || step == Step::Start; }
};

// Compact JSON.
std::string render(const Journal& journal);
// Reads untrusted input, as kubelets and users may write annotations. Invalid with the reason.
base::Result<Journal> parse_journal(std::string_view text);

}  // namespace migration
