#include "flannel/configuration_place.h"

#include <algorithm>
#include <optional>

namespace flannel {
namespace {

std::string without_last_slash(std::string path) {
  while (!path.empty() && path.back() == '/') path.pop_back();
  return path;
}

// "/a" in "/a/b": "b"; in "/a": "". nullopt: it is not in it.
std::optional<std::string> path_below(const std::string& folder, std::string_view path) {
  const auto top = without_last_slash(folder);
  if (!path.starts_with(top)) return std::nullopt;
  const auto rest = path.substr(top.size());
  if (!rest.empty() && rest.front() != '/') return std::nullopt;
  return std::string(rest.empty() ? rest : rest.substr(1));
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

const api::Volume* find_volume(const api::DaemonSet& set, const api::VolumeMount& mount) {
  const auto found = std::find_if(set.volumes.begin(), set.volumes.end(),
                                  [&mount](const auto& one) { return one.name == mount.volume; });
  return found == set.volumes.end() ? nullptr : &*found;
}

std::string path_in_volume(const api::VolumeMount& mount, std::string_view path) {
  const auto below = path_below(mount.path, path).value_or("");
  const auto top = without_last_slash(mount.sub_path);
  return top.empty() || below.empty() ? top + below : top + "/" + below;
}

std::string key_of(const api::ConfigMapFiles& files, const std::string& path) {
  if (files.keys.empty()) return path;
  const auto found = files.keys.find(path);
  return found == files.keys.end() ? "" : found->second;
}

bool has(const api::StringMap* data, const std::string& key) {
  return data != nullptr && data->contains(key);
}

// Searches the ConfigMaps of a volume. The last one of a projected volume that has the file wins;
// an unknown ConfigMap may have it.
ConfigurationPlace find_in(const api::Volume& volume, const std::string& path,
                           const FindConfigMap& find) {
  ConfigurationPlace place{{}, last_part(path), volume.other};
  bool is_seen = false;
  for (const auto& files : volume.config_maps) {
    const auto key = key_of(files, path);
    const auto* data = key.empty() ? nullptr : find(files.config_map);
    const bool seen = has(data, key);
    if (key.empty() || (is_seen && !seen)) continue;
    if (!seen && data != nullptr && volume.config_maps.size() > 1) continue;
    place = {files.config_map, key, {}};
    is_seen = seen;
  }
  return place;
}

std::string of_flannels_name(const std::vector<std::string>& names) {
  for (const auto* part : {"flannel", "canal"}) {
    for (const auto& name : names) {
      if (name.find(part) != std::string::npos) return name;
    }
  }
  return names.empty() ? "" : names.front();
}

ConfigurationPlace find_anywhere(const api::DaemonSet& set, const std::string& key,
                                 const FindConfigMap& find) {
  std::vector<std::string> with_key;
  std::vector<std::string> unknown;
  for (const auto& name : set.config_maps) {
    const auto* data = find(name);
    if (has(data, key)) with_key.push_back(name);
    if (data == nullptr) unknown.push_back(name);
  }
  return {of_flannels_name(with_key.empty() ? unknown : with_key), key, {}};
}

}  // namespace

const api::VolumeMount* find_mount(const api::ContainerSpec& container, std::string_view path) {
  const api::VolumeMount* best = nullptr;
  for (const auto& mount : container.mounts) {
    if (!path_below(mount.path, path)) continue;
    if (best == nullptr || mount.path.size() > best->path.size()) best = &mount;
  }
  return best;
}

ConfigurationPlace find_configuration(const api::DaemonSet& set,
                                      const api::ContainerSpec& container, const std::string& path,
                                      const FindConfigMap& find) {
  const auto* mount = find_mount(container, path);
  const auto* volume = mount == nullptr ? nullptr : find_volume(set, *mount);
  if (volume == nullptr || !volume->is_filled()) return find_anywhere(set, last_part(path), find);
  return find_in(*volume, path_in_volume(*mount, path), find);
}

}  // namespace flannel
