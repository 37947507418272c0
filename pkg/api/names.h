// Every label, annotation, finalizer and well-known name that the product reads or writes, in one
// table.
#pragma once

#include <string_view>

namespace api {

// --- the contract with the two DaemonSets, of Calico's own migration ---
inline constexpr std::string_view kNetworkLabel = "projectcalico.org/node-network-during-migration";
inline constexpr std::string_view kInProgressLabel =
    "projectcalico.org/node-flannel-migration-in-progress";

// --- ours ---
inline constexpr std::string_view kGroup = "cni-migration.io";
inline constexpr std::string_view kVersion = "v1alpha1";
inline constexpr std::string_view kApiVersion = "cni-migration.io/v1alpha1";
inline constexpr std::string_view kFinalizer = "cni-migration.io/finalizer";
inline constexpr std::string_view kStateAnnotation = "cni-migration.io/state";
// Annotation of a FlannelMigration: a canary with approval Manual goes on once this is "true". The
// operator deletes it when the migration is complete, or reverted.
inline constexpr std::string_view kApproveAnnotation = "cni-migration.io/approve";
// Annotation of a Node: "true" gives a failed node a fresh set of attempts; the operator deletes
// it.
inline constexpr std::string_view kRetryAnnotation = "cni-migration.io/retry";
// Annotation of a Node: what of flannel could not be removed from it. It outlives the migration,
// until a person deletes it or the node goes back to flannel.
inline constexpr std::string_view kRemainsAnnotation = "cni-migration.io/remains";
inline constexpr std::string_view kOriginalsConfigMap = "flannel-migration-originals";
inline constexpr std::string_view kPlanConfigMap = "flannel-migration-plan";
inline constexpr std::string_view kLease = "flannel-migration-operator";

// --- agent pods ---
inline constexpr std::string_view kNameLabel = "app.kubernetes.io/name";
inline constexpr std::string_view kComponentLabel = "app.kubernetes.io/component";
inline constexpr std::string_view kProduct = "flannel-migration";
inline constexpr std::string_view kAgentComponent = "agent";
inline constexpr std::string_view kOperationLabel = "cni-migration.io/operation";
inline constexpr std::string_view kRunLabel = "cni-migration.io/run";
inline constexpr std::string_view kPodCidrAnnotation = "cni-migration.io/pod-cidr";
inline constexpr std::string_view kAgentContainer = "agent";
inline constexpr std::string_view kAgentServiceAccount = "flannel-migration-agent";
inline constexpr std::string_view kAgentProgram = "/usr/bin/flannel-migration-agent";

// --- Calico ---
inline constexpr std::string_view kCalicoIpv4Address = "projectcalico.org/IPv4Address";
inline constexpr std::string_view kCalicoIpv6Address = "projectcalico.org/IPv6Address";
inline constexpr std::string_view kCalicoVxlanAddress = "projectcalico.org/IPv4VXLANTunnelAddr";
inline constexpr std::string_view kCalicoVxlanMac = "projectcalico.org/VXLANTunnelMACAddr";
inline constexpr std::string_view kCalicoVxlanAddressV6 = "projectcalico.org/IPv6VXLANTunnelAddr";
inline constexpr std::string_view kCalicoVxlanMacV6 = "projectcalico.org/VXLANTunnelMACAddrV6";
// Annotations of pods: addresses that Calico's CNI plugin has to give them.
inline constexpr std::string_view kCalicoFixedIps = "cni.projectcalico.org/ipAddrs";
inline constexpr std::string_view kCalicoFixedIpsNoIpam = "cni.projectcalico.org/ipAddrsNoIpam";
inline constexpr std::string_view kCalicoConfigMap = "calico-config";
inline constexpr std::string_view kVethMtuKey = "veth_mtu";
inline constexpr std::string_view kDefaultPoolV4 = "default-ipv4-ippool";
inline constexpr std::string_view kDefaultPoolV6 = "default-ipv6-ippool";
inline constexpr std::string_view kDefaultName = "default";

// --- others ---
// A node's condition, and the taint that kube-controller-manager keeps in step with it.
inline constexpr std::string_view kNetworkUnavailable = "NetworkUnavailable";
inline constexpr std::string_view kNetworkTaint = "node.kubernetes.io/network-unavailable";
// Reason of condition NetworkUnavailable after calico-node has ended.
inline constexpr std::string_view kCalicoIsDown = "CalicoIsDown";
inline constexpr std::string_view kAddonManagerLabel = "addonmanager.kubernetes.io/mode";
inline constexpr std::string_view kMirrorAnnotation = "kubernetes.io/config.mirror";

}  // namespace api
