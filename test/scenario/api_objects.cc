#include "scenario/api_objects.h"

#include "api/names.h"
#include "base/overloaded.h"
#include "calico/ip_pools.h"

#include <fmt/format.h>

#include <algorithm>

namespace scenario {

using namespace migration;
using base::ErrorKind;

namespace {

// As the API server validates it.
constexpr std::size_t kLargestConfigMap = 1u << 20;

json::Document document_of(const std::string& text) {
  return json::Document::parse(text.empty() ? R"({"metadata":{"name":"default"},"spec":{}})" : text)
      .value();
}

void put_pool(World& world, const std::string& json) {
  auto pool = api::parse_ip_pool(document_of(json).root());
  world.touch(pool.meta);
  world.state.pools[pool.meta.name] = pool;
}

void set_field(json::Document& document, const std::string& name,
               const std::optional<FelixValue>& value) {
  const auto pointer = "/spec/" + name;
  if (!value) return document.erase(pointer);
  std::visit(base::overloaded{[&](bool flag) { document.set_boolean(pointer, flag); },
                              [&](std::int64_t number) { document.set_integer(pointer, number); }},
             *value);
}

bool on_calico(const World& world) {
  return std::any_of(world.hosts.begin(), world.hosts.end(),
                     [](const auto& entry) { return entry.second.device == Device::Calico; });
}

}  // namespace

base::Result<void> serve_object(World& world, const CreatePool& a) {
  if (world.state.pools.contains(a.pool.name))
    return base::fail(ErrorKind::AlreadyExists, a.pool.name);
  put_pool(world, calico::render_pool(a.pool));
  return {};
}

base::Result<void> serve_object(World& world, const DeletePool& a) {
  world.version += world.state.pools.erase(a.name);
  return {};
}

base::Result<void> serve_object(World& world, const RestorePool& a) {
  if (world.state.pools.contains(a.name)) return base::fail(ErrorKind::AlreadyExists, a.name);
  put_pool(world, a.json);
  return {};
}

base::Result<void> serve_object(World& world, const WriteFelix& a) {
  auto& felix = world.state.felix;
  if (!felix && !a.create) return base::fail(ErrorKind::NotFound, "FelixConfiguration default");
  if (felix && a.create) return base::fail(ErrorKind::AlreadyExists, "FelixConfiguration default");
  auto document = document_of(felix ? felix->json : "");
  for (const auto& [name, value] : a.fields) {
    set_field(document, name, value);
    if (name == "vxlanEnabled" && value == FelixValue(false) && on_calico(world))
      world.violate("VXLAN was switched off under nodes that are on Calico");
  }
  felix = api::parse_felix_configuration(document.root());
  world.touch(felix->meta);
  return {};
}

base::Result<void> serve_object(World& world, const DeleteFelix&) {
  if (world.state.felix) ++world.version;
  world.state.felix.reset();
  return {};
}

base::Result<void> serve_object(World& world, const WriteIpamConfig& a) {
  auto& config = world.state.ipam_config;
  if (!config && !a.create) return base::fail(ErrorKind::NotFound, "IPAMConfig default");
  if (config && a.create) return base::fail(ErrorKind::AlreadyExists, "IPAMConfig default");
  auto document = document_of(config ? config->json : "");
  document.set_boolean("/spec/strictAffinity", a.strict_affinity);
  document.set_boolean("/spec/autoAllocateBlocks", a.auto_allocate_blocks);
  config = api::parse_ipam_config(document.root());
  world.touch(config->meta);
  return {};
}

base::Result<void> serve_object(World& world, const DeleteIpamConfig&) {
  if (world.state.ipam_config) ++world.version;
  world.state.ipam_config.reset();
  return {};
}

base::Result<void> serve_object(World& world, const WriteVethMtu& a) {
  const auto found = world.state.config_maps.find(a.config_map);
  if (found == world.state.config_maps.end())
    return base::fail(ErrorKind::NotFound, a.config_map.to_string());
  found->second.data["veth_mtu"] = a.value;
  world.touch(found->second.meta);
  return {};
}

base::Result<void> serve_object(World& world, const PatchDaemonSet& a) {
  const auto found = world.state.daemon_sets.find(a.key);
  if (found == world.state.daemon_sets.end())
    return base::fail(ErrorKind::NotFound, a.key.to_string());
  const auto before = found->second;
  api::apply(a.patch, found->second);
  if (found->second == before) return {};
  ++found->second.meta.generation;
  world.touch(found->second.meta);
  return {};
}

base::Result<void> serve_object(World& world, const CreateDaemonSet& a) {
  if (world.state.daemon_sets.contains(a.key))
    return base::fail(ErrorKind::AlreadyExists, a.key.to_string());
  auto set = api::parse_daemon_set(document_of(a.json).root());
  set.meta.uid = world.new_uid(a.key.name);
  set.meta.generation = 1;
  world.touch(set.meta);
  world.state.daemon_sets[a.key] = set;
  return {};
}

base::Result<void> serve_object(World& world, const DeleteDaemonSet& a) {
  const auto found = world.state.daemon_sets.find(a.key);
  if (found == world.state.daemon_sets.end() || found->second.meta.deleting) return {};
  found->second.meta.deleting = world.now;
  world.touch(found->second.meta);
  return {};
}

base::Result<void> serve_object(World& world, const SaveConfigMap& a) {
  std::size_t size = 0;
  for (const auto& [name, value] : a.map.data) size += name.size() + value.size();
  if (size > kLargestConfigMap) return base::fail(ErrorKind::Invalid, "must have at most 1 MiB");
  const auto key = api::key_of(a.map.meta);
  const auto found = world.state.config_maps.find(key);
  if (found != world.state.config_maps.end() && !a.replace) return {};
  auto map = a.map;
  map.meta.created = world.now;
  map.meta.uid = world.new_uid(map.meta.name);
  world.touch(map.meta);
  world.state.config_maps[key] = map;
  return {};
}

base::Result<void> serve_object(World& world, const DeleteConfigMap& a) {
  world.version += world.state.config_maps.erase({world.state.self.ns, a.name});
  return {};
}

base::Result<void> serve_object(World& world, const SetFinalizer& a) {
  auto& all = world.state.migrations;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& m) { return m.meta.name == a.migration; });
  if (found == all.end()) return base::fail(ErrorKind::NotFound, a.migration);
  if (found->meta.resource_version != a.resource_version)
    return base::fail(ErrorKind::Conflict, "the migration has changed");
  found->meta.finalizers = a.finalizers;
  world.touch(found->meta);
  if (found->meta.deleting && a.finalizers.empty()) all.erase(found);
  return {};
}

base::Result<void> serve_object(World& world, const DropApproval& a) {
  auto& all = world.state.migrations;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& m) { return m.meta.name == a.migration; });
  if (found == all.end()) return base::fail(ErrorKind::NotFound, a.migration);
  found->meta.annotations.erase(std::string(api::kApproveAnnotation));
  world.touch(found->meta);
  return {};
}

}  // namespace scenario
