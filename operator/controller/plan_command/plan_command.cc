#include "controller/plan_command/plan_command.h"

#include "api/names.h"
#include "controller/cluster/access_review.h"
#include "controller/cluster/discovery.h"
#include "controller/cluster/watched_objects.h"
#include "controller/plan_command/plan_printer.h"
#include "controller/program/connection.h"
#include "controller/snapshot/snapshot_builder.h"
#include "controller/watch/kept_fields.h"
#include "controller/watch/watches.h"
#include "kube/reader.h"
#include "kube/writer.h"
#include "migration/facts/survey.h"
#include "migration/planner.h"
#include "migration/preflight/preflight.h"
#include "migration/rollout/canary.h"
#include "yaml/parse.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace controller {
namespace {

constexpr int kUnreadable = 2;
constexpr std::size_t kMostInput = 8u << 20;  // more than the YAML reader takes

// Reads at most so much that a text which is too long is recognised: the input may have no end.
std::string read_some(std::istream& in) {
  std::string text(kMostInput, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

base::Result<std::string> read_input(const std::string& path) {
  if (path == "-") return read_some(std::cin);
  // A pipe such as <(...) is as good as a file.
  std::error_code error;
  std::ifstream file(path, std::ios::binary);
  const int why = errno;
  if (std::filesystem::is_directory(path, error))
    return base::fail(base::ErrorKind::NotFound, fmt::format("{}: is a directory", path));
  if (!file) {
    return base::fail(base::ErrorKind::NotFound, fmt::format("{}: cannot be read: {}", path,
                                                             std::generic_category().message(why)));
  }
  return read_some(file);
}

// Refuses what kubectl would refuse: a misspelt "spec" would be a migration with every default.
base::Result<void> check_members(json::View object) {
  static const std::set<std::string_view> kKnown = {"apiVersion", "kind", "metadata", "spec",
                                                    "status"};
  for (const auto& [name, value] : object.members()) {
    if (!kKnown.contains(name))
      return base::fail(base::ErrorKind::Invalid, fmt::format("{}: unknown field", name));
  }
  if (object["metadata"]["name"].string_view().empty())
    return base::fail(base::ErrorKind::Invalid, "metadata.name: missing");
  return {};
}

base::Result<api::FlannelMigration> read_migration(const std::string& path) {
  auto text = read_input(path);
  if (!text) return base::Failure(text.error());
  auto document = yaml::parse(*text);
  if (!document) return base::Failure(document.error().with_context(path));
  if ((*document)["kind"].string_view() != "FlannelMigration" ||
      (*document)["apiVersion"].string_view() != api::kApiVersion) {
    return base::fail(
        base::ErrorKind::Invalid,
        fmt::format("{}: wanted a FlannelMigration of {}, found kind \"{}\" of \"{}\"", path,
                    api::kApiVersion, (*document)["kind"].string_view(),
                    (*document)["apiVersion"].string_view()));
  }
  if (auto fine = check_members(document->root()); !fine)
    return base::Failure(fine.error().with_context(path));
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
        snapshot_({.ns = own_namespace(options), .node = {}, .pod = {}}),
        ns_(own_namespace(options)) {}

  base::Result<void> read(api::FlannelMigration migration, base::TimePoint now) {
    for (const Kind kind : all_kinds()) {
      if (auto listed = list(kind); !listed) return listed;
    }
    if (const auto* there = migration::find_migration(state(), migration.meta.name))
      present_ = *there;
    migration.meta.created = now;
    snapshot_.apply(present_ ? replaced(*present_, std::move(migration)) : migration);
    if (auto read = read_config_maps(); !read) return read;
    if (auto listed = read_pods(); !listed) return listed;
    const auto v3 = calico_uses_v3(reader_);
    if (!v3) return base::Failure(v3.error());
    snapshot_.set_calico_v3(*v3);
    const auto missing = missing_rights(asker_, access_scope_of(state()));
    if (!missing) return base::Failure(missing.error());
    snapshot_.set_missing_rights(missing->ours, missing->of_accounts);
    return {};
  }

  const migration::ClusterState& state() const { return snapshot_.state(); }
  void set_dry_run(std::string how_to_carry_out) {
    snapshot_.set_dry_run(std::move(how_to_carry_out));
  }
  // The FlannelMigration of that name, as it was before.
  const std::optional<api::FlannelMigration>& present() const { return present_; }

 private:
  // Combines the two objects as kubectl replace does.
  static api::FlannelMigration replaced(api::FlannelMigration present,
                                        api::FlannelMigration given) {
    present.spec = std::move(given.spec);
    present.meta.annotations = std::move(given.meta.annotations);
    return present;
  }

  base::Result<void> list(Kind kind) {
    kube::ListQuery query;
    query.keep = &kept_fields(kind);
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
    snapshot_.set_unseen(kind, migration::Unseen::NotServed);
    return {};
  }

  base::Result<void> read_pods() {
    const auto begins = [this] { snapshot_.set_all_pods(true); };
    begins();
    const auto version = reader_.list(
        kube::kPods, {}, [this](json::View pod) { snapshot_.apply(facts_of(api::parse_pod(pod))); },
        begins);
    if (!version) return base::Failure(version.error());
    return {};
  }

  // Repeats, since one ConfigMap may name another.
  base::Result<void> read_config_maps() {
    std::set<api::ObjectKey> read;
    for (auto wanted = config_maps_of(state()); wanted != read;
         wanted.merge(config_maps_of(state()))) {
      for (const auto& key : wanted) {
        if (!read.insert(key).second) continue;
        if (auto done = read_config_map(key); !done) return done;
      }
    }
    return {};
  }

  // A ConfigMap that may not be read may exist: the preflight reports it.
  base::Result<void> read_config_map(const api::ObjectKey& key) {
    auto document = reader_.get({kube::kConfigMaps, key.ns, key.name});
    if (document) {
      snapshot_.apply(api::parse_config_map(document->root()));
    } else if (document.error().kind == base::ErrorKind::Forbidden) {
      snapshot_.set_unseen(migration::unseen_config_map(key), migration::Unseen::Refused);
    } else if (document.error().kind != base::ErrorKind::NotFound) {
      return base::Failure(document.error());
    }
    return {};
  }

  kube::Reader reader_;
  kube::Writer asker_;
  SnapshotBuilder snapshot_;
  std::string ns_;
  std::optional<api::FlannelMigration> present_;
};

int report(const base::Error& error) {
  std::cerr << "flannel-migration-operator plan: " << error.message << "\n";
  return kUnreadable;
}

std::string place_of(const migration::NodeView& node) {
  if (node.out()) return "out of service";
  return fmt::format("on {}", migration::label_value(node.network));
}

std::map<std::string, std::string> places(const migration::ClusterState& state,
                                          const api::FlannelMigration& migration,
                                          base::TimePoint now) {
  std::map<std::string, std::string> places;
  for (const auto& node : migration::take_survey(state, migration, now).nodes)
    places[node.name] = place_of(node);
  return places;
}

// kubectl replace brings the annotations of the file, and no others.
std::string_view about_approval(const std::optional<api::FlannelMigration>& present,
                                const api::FlannelMigration& given) {
  if (!present || !migration::is_approved(*present) || migration::is_approved(given)) return {};
  return "; that takes the approval away which was given: approve again afterwards";
}

// Recommends kubectl replace for an object that exists: kubectl apply would keep fields that were
// patched and that the file does not have.
std::string what_to_do(const std::optional<api::FlannelMigration>& present,
                       const api::FlannelMigration& given, const std::string& file) {
  const auto* first = given.spec->paused ? "set spec.paused to false, then " : "";
  if (!present) return fmt::format("to carry it out: {}kubectl apply -f {}", first, file);
  if (present->spec && *present->spec == *given.spec)
    return fmt::format("FlannelMigration {} asks for all of this already", given.meta.name);
  return fmt::format("to carry it out: {}kubectl replace -f {}{}", first, file,
                     about_approval(present, given));
}

PrintedPlan make_plan(const OneShot& cluster, const api::FlannelMigration& given,
                      base::TimePoint now) {
  const auto plan = migration::plan(cluster.state(), now);
  PrintedPlan printed;
  printed.spec = *given.spec;
  printed.planned = plan.statuses.at(given.meta.name);
  if (cluster.present()) printed.present = cluster.present()->status;
  printed.another_is_active = plan.active != given.meta.name;
  printed.places =
      places(cluster.state(), *migration::find_migration(cluster.state(), given.meta.name), now);
  return printed;
}

}  // namespace

int run_plan(const Options& options) {
  const auto given = read_migration(options.file);
  if (!given) return report(given.error());
  const auto config = find_api_server(options);
  if (!config) return report(config.error());
  const auto transport = connect(*config, 1);
  if (!transport) return report(transport.error());
  OneShot cluster(**transport, options);
  const auto now = base::SystemClock().now();
  if (auto read = cluster.read(*given, now); !read) return report(read.error());
  cluster.set_dry_run(what_to_do(cluster.present(), *given, options.file));
  const auto plan = make_plan(cluster, *given, now);
  std::cout << (options.output == "json" ? api::render(plan.planned) + "\n" : print_plan(plan));
  return migration::blocks(plan.planned.preflight) || plan.another_is_active ? 1 : 0;
}

}  // namespace controller
