#include "migration/preflight/preflight.h"

#include "migration/preflight/checks.h"

#include <algorithm>
#include <array>

namespace migration {
namespace {

constexpr auto kPreflight = std::to_array<Check>({
    checks::permissions,            // may we do what has to be done
    checks::account_rights,         // and the programs that are started on the nodes
    checks::api_server,             // is every kind still answered
    checks::agent_image,            // and with what
    checks::saved_originals,        // an earlier migration's record can be read
    checks::flannel_found,          // there is a flannel that a DaemonSet runs
    checks::flannel_single,         // and only one
    checks::flannel_recognised,     // by what it runs, and not only by what is said
    checks::flannel_version,        // new enough
    checks::flannel_options,        // with options that can be read
    checks::flannel_store,          // the Kubernetes subnet manager, not etcd
    checks::flannel_configuration,  // net-conf.json can be read
    checks::flannel_cni,            // and agents find its pods by bridge and leases
    checks::flannel_families,       // IPv6 only where it has it
    checks::flannel_values,         // what the user says is what is there
    checks::flannel_backend,        // VXLAN, no DirectRouting, no GBP
    checks::flannel_owner,          // no tool restores flannel
    checks::our_definition,         // the migration's own kind
    checks::calico_definitions,     // crd.projectcalico.org/v1
    checks::calico_node,            // its DaemonSet is there
    checks::calico_version,         // of a release that is known
    checks::calico_owner,           // whose selector no tool restores
    checks::calico_backend,         // with VXLAN and without BIRD
    checks::calico_plugin,          // and its own IPAM
    checks::calico_environment,     // nothing of it overrides what we write
    checks::calico_node_felix,      // nor do settings of single nodes
    checks::calico_data_plane,      // pods' traffic goes through the tunnel device
    checks::cni_plugins,            // and what flannel's CNI configuration does is done
    checks::calico_cni_folder,      // and writes its CNI configuration where agents look for it
    checks::calico_gate,            // and runs only where we say
    checks::calico_ipv6,            // dual stack: Calico has IPv6 switched on
    checks::calico_datastore,       // not locked
    checks::calico_pools,           // no pool in the way
    checks::calico_load_balancers,  // Services that get their addresses from Calico
    checks::node_cidrs,             // every node has its pod CIDRs
    checks::node_annotations,       // and flannel's annotations
    checks::node_twins,             // which no other node has
    checks::node_labels,            // it is known which network they are on
    checks::node_blocks,            // whose addresses have no other holder
    checks::node_addresses,         // enough for pods and those that replace them
    checks::node_selection,         // some node is to be moved
    checks::node_left_alone,        // and some are not
    checks::node_other_systems,     // of which some have another operating system
    checks::node_domains,           // by a label that nodes carry
    checks::node_canaries,          // and some are left when the canaries have moved
    checks::node_health,            // NotReady and cordoned nodes
    checks::lone_pods,              // pods that no controller recreates
    checks::static_pods,            // pods that only their node can restart
});

constexpr auto kGuards = std::to_array<Check>({
    checks::read_permissions,
    checks::api_server,
    checks::agent_image,
    checks::saved_originals,
    checks::kept_settings,
    checks::flannel_there,
    checks::calico_definitions,
    checks::calico_there,
    checks::calico_gate,
    checks::calico_datastore,
    checks::node_labels,
    checks::flannel_single,
    checks::account_rights,
});

// Advice for the user as long as it applies.
constexpr auto kAdvice = std::to_array<Check>({
    checks::flannel_values,
    checks::flannel_owner,
    checks::calico_cni_folder,
    checks::calico_version,
    checks::calico_load_balancers,
    checks::node_selection,
    checks::node_domains,
    checks::node_canaries,
    checks::node_health,
    checks::node_network,
    checks::lone_pods,
    checks::static_pods,
    checks::node_addresses,
    checks::node_left_alone,
    checks::node_other_systems,
});

constexpr auto kAdviceBack =
    std::to_array<Check>({checks::node_network, checks::lone_pods, checks::static_pods});

template <typename Checks>
Findings run(const Checks& checks, const Survey& survey) {
  Findings findings;
  for (const Check check : checks) check(survey, findings);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const auto& a, const auto& b) { return a.severity < b.severity; });
  return findings;
}

}  // namespace

Findings run_preflight(const Survey& survey) { return run(kPreflight, survey); }

Findings run_guards(const Survey& survey) {
  Findings findings = run(kGuards, survey);
  const bool to_calico = survey.spec.target == api::Target::Calico;
  for (auto& finding : to_calico ? run(kAdvice, survey) : run(kAdviceBack, survey)) {
    // Findings that would have blocked the beginning do not matter after it.
    if (finding.severity != api::Severity::Block) findings.push_back(std::move(finding));
  }
  return findings;
}

bool blocks(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const auto& finding) { return finding.severity == api::Severity::Block; });
}

}  // namespace migration
