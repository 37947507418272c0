#include "api/meta.h"

#include "api/read_values.h"

#include <algorithm>

namespace api {
namespace {

constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

const std::string* find(const StringMap& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

StringMap parse_annotations(json::View annotations) {
  StringMap map;
  for (const auto& [key, value] : annotations.members()) {
    if (key != kLastApplied && value.is_string()) map.emplace(key, value.string());
  }
  return map;
}

std::vector<OwnerReference> parse_owners(json::View references) {
  std::vector<OwnerReference> owners;
  for (const auto& owner : references.items()) {
    owners.push_back({owner["kind"].string(), owner["name"].string(), owner["uid"].string(),
                      owner["controller"].boolean()});
  }
  return owners;
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_leading_zeros(std::string_view digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

}  // namespace

const std::string* ObjectMeta::label(std::string_view key) const { return find(labels, key); }

const std::string* ObjectMeta::annotation(std::string_view key) const {
  return find(annotations, key);
}

const OwnerReference* ObjectMeta::controller() const {
  const auto found = std::find_if(owners.begin(), owners.end(),
                                  [](const auto& owner) { return owner.controller; });
  return found == owners.end() ? nullptr : &*found;
}

std::string ObjectKey::to_string() const { return ns.empty() ? name : ns + "/" + name; }

ObjectKey key_of(const ObjectStamp& stamp) { return {stamp.ns, stamp.name}; }

ObjectStamp parse_stamp(json::View object) {
  const auto metadata = object["metadata"];
  return {metadata["name"].string(), metadata["namespace"].string(), metadata["uid"].string(),
          metadata["resourceVersion"].string()};
}

ObjectMeta parse_meta(json::View object) {
  const auto metadata = object["metadata"];
  ObjectMeta meta;
  static_cast<ObjectStamp&>(meta) = parse_stamp(object);
  meta.generation = metadata["generation"].integer();
  meta.labels = metadata["labels"].string_map();
  meta.annotations = parse_annotations(metadata["annotations"]);
  meta.created = read_time(metadata["creationTimestamp"]);
  meta.deleting = read_time(metadata["deletionTimestamp"]);
  meta.finalizers = metadata["finalizers"].strings();
  meta.owners = parse_owners(metadata["ownerReferences"]);
  return meta;
}

bool at_least_as_new(std::string_view a, std::string_view b) {
  if (!is_number(a) || !is_number(b)) return true;
  const auto left = without_leading_zeros(a);
  const auto right = without_leading_zeros(b);
  if (left.size() != right.size()) return left.size() > right.size();
  return left >= right;
}

bool selects(const StringMap& selector, const StringMap& labels) {
  return std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const auto* value = find(labels, wanted.first);
    return value != nullptr && *value == wanted.second;
  });
}

}  // namespace api
