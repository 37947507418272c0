#include "controller/plan_command.h"

#include "api/names.h"
#include "controller/access_review.h"
#include "controller/connection.h"
#include "controller/discovery.h"
#include "controller/interests.h"
#include "controller/plan_printer.h"
#include "controller/snapshot_builder.h"
#include "controller/watches.h"
#include "controller/yaml_json.h"
#include "kube/reader.h"
#include "kube/writer.h"
#include "migration/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace controller {
namespace {

constexpr int kUnreadable = 2;

base::Result<std::string> read_input(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  // A pipe such as <(...) is as good as a file.
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, error))
    return base::fail(base::ErrorKind::NotFound, fmt::format("{}: cannot be read", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// What kubectl would refuse; a misspelt "spec" would be a migration with every default.
base::Result<void> known_members(json::View object) {
  static const std::set<std::string_view> kKnown = {"apiVersion", "kind", "metadata", "spec",
                                                    "status"};
  for (const auto& [name, value] : object.members()) {
    if (!kKnown.contains(name))
      return base::fail(base::ErrorKind::Invalid, fmt::format("{}: unknown field", name));
  }
  return {};
}

base::Result<api::FlannelMigration> read_migration(const std::string& path) {
  auto text = read_input(path);
  if (!text) return base::Failure(text.error());
  auto document = yaml_to_json(*text);
  if (!document) return base::Failure(document.error().with_context(path));
  if ((*document)["kind"].string_view() != "FlannelMigration" ||
      (*document)["apiVersion"].string_view() != api::kApiVersion) {
    return base::fail(
        base::ErrorKind::Invalid,
        fmt::format("{}: wanted a FlannelMigration of {}, found kind \"{}\" of \"{}\"", path,
                    api::kApiVersion, (*document)["kind"].string_view(),
                    (*document)["apiVersion"].string_view()));
  }
  if (auto known = known_members(document->root()); !known)
    return base::Failure(known.error().with_context(path));
  auto migration = api::parse_flannel_migration(document->root());
  migration.spec = api::parse_migration_spec((*document)["spec"], api::UnknownFields::Refuse);
  if (!migration.spec) return base::Failure(migration.spec.error().with_context(path));
  return migration;
}

// Lists every kind once into the snapshot.
class OneShot {
 public:
  OneShot(kube::Transport& transport, const Options& options)
      : reader_(transport),
        asker_(transport),
        snapshot_({own_namespace(options), {}, {}}),
        ns_(own_namespace(options)) {}

  base::Result<void> read(const api::FlannelMigration& migration) {
    for (const Kind kind : all_kinds()) {
      if (kind == Kind::FlannelMigrations) continue;
      if (auto listed = list(kind); !listed) return listed;
    }
    snapshot_.apply(migration);
    read_config_maps();
    const auto v3 = calico_uses_v3(reader_);
    if (!v3) return base::Failure(v3.error());
    snapshot_.set_calico_v3(*v3);
    const auto missing = missing_rights(asker_, access_scope_of(state()));
    if (!missing) return base::Failure(missing.error());
    snapshot_.set_missing_permissions(*missing);
    return {};
  }

  const migration::ClusterState& state() const { return snapshot_.state(); }

 private:
  base::Result<void> list(Kind kind) {
    kube::ListQuery query;
    if (kind == Kind::AgentPods) {
      query.select = {ns_, fmt::format("{}={}", api::kComponentLabel, api::kAgentComponent), {}};
    }
    snapshot_.list_begins(kind);
    const auto version = reader_.list(
        resource_of(kind), query,
        [this, kind](json::View object) { applied(kind, object)(snapshot_); },
        [this, kind] { snapshot_.list_begins(kind); });
    if (version) snapshot_.list_ends(kind, *version);
    if (version) return {};
    if (version.error().kind != base::ErrorKind::NotFound) return base::Failure(version.error());
    snapshot_.set_served(kind, false);
    return {};
  }

  // What one says may lead to another.
  void read_config_maps() {
    std::set<api::ObjectKey> read;
    for (auto wanted = config_maps_of(state()); wanted != read;
         wanted.merge(config_maps_of(state()))) {
      for (const auto& key : wanted) {
        if (read.insert(key).second) read_config_map(key);
      }
    }
  }

  void read_config_map(const api::ObjectKey& key) {
    auto document = reader_.get({kube::kConfigMaps, key.ns, key.name});
    if (document) snapshot_.apply(api::parse_config_map(document->root()));
  }

  kube::Reader reader_;
  kube::Writer asker_;
  SnapshotBuilder snapshot_;
  std::string ns_;
};

int report(const base::Error& error) {
  std::cerr << "flannel-migration-operator plan: " << error.message << "\n";
  return kUnreadable;
}

}  // namespace

int run_plan(const Options& options) {
  auto migration = read_migration(options.file);
  if (!migration) return report(migration.error());
  const auto mode = std::exchange(migration->spec->mode, api::Mode::Plan);
  const auto config = find_api_server(options);
  if (!config) return report(config.error());
  const auto transport = connect(*config, 1);
  if (!transport) return report(transport.error());
  OneShot cluster(**transport, options);
  if (auto read = cluster.read(*migration); !read) return report(read.error());
  const auto plan = migration::plan(cluster.state(), base::SystemClock().now());
  auto status = plan.statuses.at(plan.active);
  const bool held = status.phase == api::Phase::Planned || status.phase == api::Phase::Paused;
  if (held && mode == api::Mode::Run && !migration->spec->paused) {
    status.phase = api::Phase::Planned;
    status.message = "nothing was written; to carry it out: kubectl apply -f " + options.file;
  }
  std::cout << (options.output == "json" ? api::render(status) + "\n" : print_plan(status));
  const bool blocked =
      std::any_of(status.preflight.begin(), status.preflight.end(),
                  [](const auto& finding) { return finding.severity == api::Severity::Block; });
  return blocked ? 1 : 0;
}

}  // namespace controller
