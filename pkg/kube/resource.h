// Names of kinds and objects, as the API server's paths need them.
#pragma once

#include <string>
#include <string_view>

namespace kube {

enum class Scope { Cluster, Namespaced };

// A kind that the API server serves. The texts are literals: a Resource is a constant of the
// program.
struct Resource {
  std::string_view group;  // empty for the core group
  std::string_view version;
  std::string_view plural;
  std::string_view kind;
  Scope scope = Scope::Namespaced;

  // "v1", "apps/v1"
  std::string api_version() const;
  bool operator==(const Resource&) const = default;
};

struct ObjectRef {
  Resource resource;
  std::string ns;  // empty for a kind of scope Cluster
  std::string name;

  // For people: "nodes w1", "pods kube-system/x", "ippools.crd.projectcalico.org default".
  std::string to_string() const;
  bool operator==(const ObjectRef&) const = default;
};

inline constexpr Resource kNodes{"", "v1", "nodes", "Node", Scope::Cluster};
inline constexpr Resource kPods{"", "v1", "pods", "Pod"};
inline constexpr Resource kConfigMaps{"", "v1", "configmaps", "ConfigMap"};
inline constexpr Resource kEvents{"", "v1", "events", "Event"};
inline constexpr Resource kNamespaces{"", "v1", "namespaces", "Namespace", Scope::Cluster};
inline constexpr Resource kDaemonSets{"apps", "v1", "daemonsets", "DaemonSet"};
inline constexpr Resource kLeases{"coordination.k8s.io", "v1", "leases", "Lease"};

}  // namespace kube
