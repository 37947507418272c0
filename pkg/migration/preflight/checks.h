// The single checks, by what they look at.
#pragma once

#include "migration/model/name_some.h"
#include "migration/preflight/preflight.h"

namespace migration::checks {

void flannel_found(const Survey&, Findings&);
void flannel_single(const Survey&, Findings&);
void flannel_version(const Survey&, Findings&);
void flannel_recognised(const Survey&, Findings&);
void flannel_options(const Survey&, Findings&);
void flannel_store(const Survey&, Findings&);
void flannel_configuration(const Survey&, Findings&);
void flannel_cni(const Survey&, Findings&);
void flannel_families(const Survey&, Findings&);
void flannel_values(const Survey&, Findings&);
void flannel_backend(const Survey&, Findings&);
void flannel_owner(const Survey&, Findings&);
void flannel_there(const Survey&, Findings&);

void our_definition(const Survey&, Findings&);
void calico_definitions(const Survey&, Findings&);
void calico_node(const Survey&, Findings&);
void calico_version(const Survey&, Findings&);
void calico_there(const Survey&, Findings&);
void calico_cni_folder(const Survey&, Findings&);
void calico_gate(const Survey&, Findings&);
void calico_ipv6(const Survey&, Findings&);
void calico_datastore(const Survey&, Findings&);
void calico_load_balancers(const Survey&, Findings&);
void calico_pools(const Survey&, Findings&);
void calico_owner(const Survey&, Findings&);
void calico_backend(const Survey&, Findings&);
void calico_plugin(const Survey&, Findings&);
void calico_environment(const Survey&, Findings&);
void calico_node_felix(const Survey&, Findings&);
void calico_data_plane(const Survey&, Findings&);
void cni_plugins(const Survey&, Findings&);

void node_cidrs(const Survey&, Findings&);
void node_annotations(const Survey&, Findings&);
void node_blocks(const Survey&, Findings&);
void node_addresses(const Survey&, Findings&);
void node_selection(const Survey&, Findings&);
void node_left_alone(const Survey&, Findings&);
void node_other_systems(const Survey&, Findings&);
void node_twins(const Survey&, Findings&);
void node_domains(const Survey&, Findings&);
void node_canaries(const Survey&, Findings&);
void node_health(const Survey&, Findings&);
void node_labels(const Survey&, Findings&);
void node_network(const Survey&, Findings&);
void lone_pods(const Survey&, Findings&);
void static_pods(const Survey&, Findings&);

void permissions(const Survey&, Findings&);
void read_permissions(const Survey&, Findings&);
void account_rights(const Survey&, Findings&);
void api_server(const Survey&, Findings&);
void agent_image(const Survey&, Findings&);
void saved_originals(const Survey&, Findings&);
void kept_settings(const Survey&, Findings&);

// True if spec.flannel.ipv6Network is set where flannel has no IPv6. Every node lacks what that
// would need: flannel_families reports the one cause, and no other check does.
bool claims_ipv6(const Survey&);
// True if nodes and Calico need what IPv6 takes.
bool wants_ipv6(const Survey&);
// Every DaemonSet that runs flanneld.
std::vector<std::string> names_of_candidates(const Survey&);

// The reason why pods of a node that is left alone are not reached from nodes on Calico; empty when
// they are.
std::string why_cut_off(const Survey& survey, const NodeView& node);

}  // namespace migration::checks
