// The metadata of every Kubernetes object, as far as this product uses it.
#pragma once

#include "base/time.h"
#include "json/value.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace api {

using StringMap = json::StringMap;

struct OwnerReference {
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
  bool operator==(const OwnerReference&) const = default;
};

// Identifies one version of one object.
struct ObjectStamp {
  std::string name;
  std::string ns;  // empty for cluster-scoped objects
  std::string uid;
  std::string resource_version;
  bool operator==(const ObjectStamp&) const = default;
};

struct ObjectMeta : ObjectStamp {
  std::int64_t generation = 0;
  StringMap labels;
  StringMap annotations;
  std::optional<base::TimePoint> created;
  std::optional<base::TimePoint> deleting;  // deletionTimestamp
  std::vector<std::string> finalizers;
  std::vector<OwnerReference> owners;
  bool operator==(const ObjectMeta&) const = default;

  const std::string* label(std::string_view key) const;
  const std::string* annotation(std::string_view key) const;
  const OwnerReference* controller() const;
};

// Namespace and name.
struct ObjectKey {
  std::string ns;
  std::string name;
  auto operator<=>(const ObjectKey&) const = default;
  // "ns/name", or "name" for cluster-scoped objects.
  std::string to_string() const;
};

ObjectKey key_of(const ObjectStamp& stamp);

// Reads `metadata` of an object as the API server sends it; what is missing stays empty. The
// annotation kubectl.kubernetes.io/last-applied-configuration is left out: it is large and never
// used.
ObjectMeta parse_meta(json::View object);
// Reads the stamp alone, for objects that are many and whose other metadata is not used.
ObjectStamp parse_stamp(json::View object);

// True when `a` is at least as new as `b`. The API server's resourceVersions are increasing
// integers; when either is not a number the answer is yes, so that an unknown server is believed.
bool at_least_as_new(std::string_view a, std::string_view b);

// Whether `labels` satisfy a plain nodeSelector/matchLabels map.
bool selects(const StringMap& selector, const StringMap& labels);

}  // namespace api
