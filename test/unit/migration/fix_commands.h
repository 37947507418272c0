// Carries out the commands of a finding's fix on a cluster, as kubectl would, for tests of fixes.
#pragma once

#include "json/value.h"
#include "migration/model/cluster_state.h"

#include <catch2/catch.hpp>

#include <regex>
#include <string>
#include <vector>

namespace build {
namespace fix {

using migration::ClusterState;

inline const std::regex kPatch(
    R"(kubectl (?:-n (\S+) )?patch (\S+) (\S+) --type merge -p '(\{.*?\})'(?=$|[;, ]))");
inline const std::regex kSetEnv(
    R"(kubectl -n (\S+) set env daemonset/(\S+) -c (\S+) ([A-Z0-9_]+)(-|=\S+)(?=$|[;, ]))");
inline const std::regex kDelete(R"(kubectl (?:-n (\S+) )?delete (\S+) ([^\s;,)]+))");

inline const std::regex kLabel(R"(kubectl label node (\S+) ([^\s=]+)=([a-z]+))");

inline void merge(json::View patch, const std::string& at, json::Document& into) {
  for (const auto& [name, value] : patch.members()) {
    const auto place = at + "/" + json::pointer_escape(name);
    if (value.is_object()) {
      into.set_object(place);
      merge(value, place, into);
    } else if (value.exists()) {
      into.set(place, value);
    } else {
      into.erase(place);
    }
  }
}

inline json::Document merged(const std::string& object, const std::string& patch) {
  auto document = json::Document::parse(object.empty() ? "{}" : object).value();
  const auto changes = json::Document::parse(patch).value();
  merge(changes.root(), "", document);
  return document;
}

inline std::string kind_of(const std::string& resource) {
  return resource.substr(0, resource.find('.'));
}

inline void patch_config_map(api::ConfigMap& map, const std::string& patch) {
  const auto changes = json::Document::parse(patch).value();
  for (const auto& [key, value] : changes["data"].string_map()) map.data[key] = value;
}

inline void run_patch(const std::smatch& words, ClusterState& cluster) {
  const auto kind = kind_of(words[2]);
  const api::ObjectKey key{words[1], words[3]};
  const std::string patch = words[4];
  if (kind == "daemonset") {
    auto& set = cluster.daemon_sets.at(key);
    set = api::parse_daemon_set(merged(set.json, patch).root());
  } else if (kind == "ippools") {
    auto& pool = cluster.pools.at(key.name);
    pool = api::parse_ip_pool(merged(pool.json, patch).root());
  } else if (kind == "felixconfigurations") {
    auto& felix = key.name == "default" ? *cluster.felix : cluster.node_felix.at(key.name);
    felix = api::parse_felix_configuration(merged(felix.json, patch).root());
  } else if (kind == "clusterinformations") {
    cluster.cluster_information = api::parse_cluster_information(
        merged(R"({"spec":{"datastoreReady":false}})", patch).root());
  } else if (kind == "configmap") {
    patch_config_map(cluster.config_maps.at(key), patch);
  } else {
    FAIL("patch of " << kind);
  }
}

inline void run_set_env(const std::smatch& words, ClusterState& cluster) {
  auto& set = cluster.daemon_sets.at({words[1], words[2]});
  for (auto& container : set.containers) {
    if (container.name != words[3]) continue;
    container.env.erase(words[4]);
    if (words[5] != "-") container.env[words[4]] = words[5].str().substr(1);
  }
}

inline void run_delete(const std::smatch& words, ClusterState& cluster) {
  const auto kind = kind_of(words[2]);
  const auto gone = kind == "ippools" ? cluster.pools.erase(words[3])
                    : kind == "node"  ? cluster.nodes.erase(words[3])
                                      : cluster.daemon_sets.erase({words[1], words[3]});
  CHECK(gone == 1);
}

inline void run_label(const std::smatch& words, ClusterState& cluster) {
  cluster.nodes.at(words[1]).node.meta.labels[words[2]] = words[3];
}

}  // namespace fix

// The kubectl commands in it that are complete: patch, set env, delete and label.
inline std::vector<std::string> commands_in(const std::string& text) {
  std::vector<std::string> commands;
  for (const auto* form : {&fix::kPatch, &fix::kSetEnv, &fix::kDelete, &fix::kLabel}) {
    for (std::sregex_iterator at(text.begin(), text.end(), *form), end; at != end; ++at)
      commands.push_back(at->str());
  }
  return commands;
}

// Fails the test when it is none of these, or its object is not there.
inline void run_command(const std::string& command, migration::ClusterState& cluster) {
  std::smatch words;
  if (std::regex_search(command, words, fix::kPatch)) return fix::run_patch(words, cluster);
  if (std::regex_search(command, words, fix::kSetEnv)) return fix::run_set_env(words, cluster);
  if (std::regex_search(command, words, fix::kLabel)) return fix::run_label(words, cluster);
  REQUIRE(std::regex_search(command, words, fix::kDelete));
  fix::run_delete(words, cluster);
}

}  // namespace build
