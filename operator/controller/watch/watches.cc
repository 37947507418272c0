#include "controller/watch/watches.h"

#include "api/names.h"
#include "base/log.h"
#include "controller/program/other_threads.h"
#include "controller/watch/kept_fields.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

namespace controller {
namespace {

using kube::WatchEvent;

template <typename T>
Change apply(T object) {
  return [object = std::move(object)](SnapshotBuilder& snapshot) { snapshot.apply(object); };
}

template <typename T>
Change apply_if(base::Result<T> object) {
  if (object) return apply(std::move(*object));
  base::log_warn("object cannot be read", {{"error", object.error().message}});
  return [](SnapshotBuilder&) {};
}

Change removed(Kind kind, json::View object) {
  return [kind, meta = api::parse_stamp(object)](SnapshotBuilder& snapshot) {
    snapshot.remove(kind, meta);
  };
}

using migration::Unseen;

constexpr std::string_view kAllPods = "pods";

// ConfigMaps are watched by name, and a name is not a label of a metric.
std::string kind_of(const std::string& what) {
  return what.starts_with("configmap ") ? "configmaps" : what;
}

bool is_refusal(const WatchEvent& event) {
  return event.kind == WatchEvent::Kind::Failed && event.error.kind == base::ErrorKind::Forbidden;
}

}  // namespace

Change applied(Kind kind, json::View object) {
  switch (kind) {
    case Kind::FlannelMigrations:
      return apply(api::parse_flannel_migration(object));
    case Kind::Nodes:
      return apply(api::parse_node(object));
    case Kind::DaemonSets:
      return apply(api::parse_daemon_set(object));
    case Kind::IpPools:
      return apply(api::parse_ip_pool(object));
    case Kind::FelixConfigurations:
      return apply(api::parse_felix_configuration(object));
    case Kind::IpamConfigs:
      return apply(api::parse_ipam_config(object));
    case Kind::IpamBlocks:
      return apply_if(api::parse_ipam_block(object));
    case Kind::BlockAffinities:
      return apply_if(api::parse_block_affinity(object));
    case Kind::IpamHandles:
      return apply(api::parse_ipam_handle(object));
    case Kind::ClusterInformations:
      return apply(api::parse_cluster_information(object));
    case Kind::AgentPods:
      return
          [pod = api::parse_pod(object)](SnapshotBuilder& snapshot) { snapshot.apply_agent(pod); };
  }
  return [](SnapshotBuilder&) {};
}

Watches::Watches(boost::asio::io_context& strand, kube::Transport& transport,
                 SnapshotBuilder& snapshot, NodePodTracker& pods, ClusterPodIndex& all_pods,
                 Metrics& metrics, std::string ns, std::function<void()> on_change)
    : strand_(strand),
      transport_(transport),
      snapshot_(snapshot),
      pods_(pods),
      all_pods_(all_pods),
      metrics_(metrics),
      ns_(std::move(ns)),
      on_change_(std::move(on_change)) {}

void Watches::start() {
  for (const Kind kind : all_kinds()) watch_kind(kind);
  watch_pods();
  for (auto& reflector : reflectors_) reflector->start();
}

void Watches::request_stop() {
  for (auto& reflector : reflectors_) reflector->request_stop();
  for (auto& [key, reflector] : config_maps_) reflector->request_stop();
}

void Watches::stop() {
  ender_.join();
  for (auto& reflector : reflectors_) reflector->stop();
  for (auto& [key, reflector] : config_maps_) reflector->stop();
}

kube::ReflectorOptions Watches::options_of(const kube::Resource& resource) {
  kube::ReflectorOptions options{resource};
  options.on_thrown = [this](std::exception_ptr thrown) { rethrow_on(strand_, std::move(thrown)); };
  return options;
}

void Watches::watch_kind(Kind kind) {
  auto options = options_of(resource_of(kind));
  options.seed = static_cast<std::uint32_t>(kind);
  options.keep = kept_fields(kind);
  if (kind == Kind::AgentPods) {
    options.select = {ns_, fmt::format("{}={}", api::kComponentLabel, api::kAgentComponent), {}};
  }
  snapshot_.set_unseen(name_of(kind), Unseen::NotListed);
  reflectors_.push_back(std::make_unique<kube::Reflector>(
      transport_, options, [this, kind](const WatchEvent& event) { on_event(kind, event); }));
}

void Watches::watch_pods() {
  auto options = options_of(kube::kPods);
  options.mode = kube::WatchMode::FromNow;
  options.keep = kept_fields_of_pods();
  snapshot_.set_unseen(std::string(kAllPods), Unseen::NotListed);
  reflectors_.push_back(std::make_unique<kube::Reflector>(
      transport_, options, [this](const WatchEvent& event) { on_pod(event); }));
}

void Watches::want_config_maps(const std::set<api::ObjectKey>& keys) {
  wanted_ = keys;
  for (const auto& key : keys) {
    if (!config_maps_.contains(key)) watch_config_map(key);
    // A watch that is still ending is followed by a new one.
    if (ending_.contains(key))
      snapshot_.set_unseen(migration::unseen_config_map(key), Unseen::NotListed);
  }
  for (const auto& [key, reflector] : config_maps_) {
    if (!keys.contains(key) && ending_.insert(key).second) end_config_map(key, *reflector);
  }
}

void Watches::end_config_map(const api::ObjectKey& key, kube::Reflector& reflector) {
  snapshot_.remove_config_map(key);
  snapshot_.set_seen(migration::unseen_config_map(key));
  boost::asio::post(ender_, [this, key, &reflector] {
    reflector.stop();
    post([this, key] { config_map_ended(key); });
  });
}

// The watch has ended: everything that it reported before has been taken by now.
void Watches::config_map_ended(const api::ObjectKey& key) {
  config_maps_.erase(key);
  ending_.erase(key);
  snapshot_.remove_config_map(key);
  snapshot_.set_seen(migration::unseen_config_map(key));
  if (wanted_.contains(key)) watch_config_map(key);
}

void Watches::watch_config_map(const api::ObjectKey& key) {
  auto options = options_of(kube::kConfigMaps);
  options.select = {key.ns, {}, "metadata.name=" + key.name};
  snapshot_.set_unseen(migration::unseen_config_map(key), Unseen::NotListed);
  auto& reflector = config_maps_[key];
  reflector = std::make_unique<kube::Reflector>(
      transport_, options, [this, key](const WatchEvent& event) { on_config_map(key, event); });
  reflector->start();
}

bool Watches::ready() const {
  return migration::unseen_kinds(snapshot_.state(), Unseen::NotListed).empty();
}

void Watches::post(std::function<void()> change) {
  boost::asio::post(strand_, [this, change = std::move(change)] {
    change();
    on_change_();
  });
}

void Watches::progress(const std::string& what, const WatchEvent& event) {
  if (event.kind == WatchEvent::Kind::Failed) {
    metrics_.count_watch_failure(kind_of(what));
    base::log_warn("watch failed", {{"what", what}, {"error", event.error.message}});
  }
  if (event.kind == WatchEvent::Kind::Synced) post([this, what] { snapshot_.set_seen(what); });
  if (is_refusal(event)) return post([this, what] { snapshot_.set_unseen(what, Unseen::Refused); });
  if (event.lost) post([this, what] { snapshot_.set_lost(what); });
}

void Watches::on_event(Kind kind, const WatchEvent& event) {
  take(kind, event);
  progress(name_of(kind), event);
}

void Watches::on_pod(const WatchEvent& event) {
  take_pod(event);
  progress(std::string(kAllPods), event);
}

// A ConfigMap that may not be read is reported by the preflight, which knows what it is for.
void Watches::on_config_map(const api::ObjectKey& key, const WatchEvent& event) {
  take_config_map(key, event);
  progress(migration::unseen_config_map(key), event);
}

void Watches::take(Kind kind, const WatchEvent& event) {
  switch (event.kind) {
    case WatchEvent::Kind::Restarted:
      return post([this, kind, new_epoch = event.new_epoch] {
        if (new_epoch) snapshot_.forget_versions(kind);
        snapshot_.list_begins(kind);
      });
    case WatchEvent::Kind::Applied:
      return post([this, kind, change = applied(kind, event.object), version = event.version] {
        change(snapshot_);
        snapshot_.watch_progressed(kind, version);
      });
    case WatchEvent::Kind::Deleted:
      return post([this, kind, change = removed(kind, event.object), version = event.version] {
        change(snapshot_);
        snapshot_.watch_progressed(kind, version);
      });
    case WatchEvent::Kind::Synced:
      return post([this, kind, version = event.version] { snapshot_.list_ends(kind, version); });
    case WatchEvent::Kind::Progressed:
      return take_bookmark(kind, event.version);
    case WatchEvent::Kind::NotServed:
      return post([this, kind] { snapshot_.set_unseen(kind, Unseen::NotServed); });
    case WatchEvent::Kind::Failed:
      return;
  }
}

// Takes bookmarks of Nodes only: each one wakes the planner, which uses no other kind's version.
void Watches::take_bookmark(Kind kind, const std::string& version) {
  if (kind == Kind::Nodes)
    post([this, kind, version] { snapshot_.watch_progressed(kind, version); });
}

// Calls both followers of the pods.
template <typename Change>
void Watches::post_pod(Change change) {
  post([this, change = std::move(change)] {
    change(pods_);
    change(all_pods_);
  });
}

void Watches::take_pod(const WatchEvent& event) {
  switch (event.kind) {
    case WatchEvent::Kind::Restarted:
      return post_pod([](auto& follower) { follower.watch_restarted(); });
    case WatchEvent::Kind::Synced:
      return post_pod([](auto& follower) { follower.watch_synced(); });
    case WatchEvent::Kind::Applied:
      return post_pod(
          [pod = api::parse_pod(event.object)](auto& follower) { follower.pod_applied(pod); });
    case WatchEvent::Kind::Deleted:
      return post_pod(
          [pod = api::parse_pod(event.object)](auto& follower) { follower.pod_deleted(pod); });
    case WatchEvent::Kind::Progressed:
    case WatchEvent::Kind::NotServed:
    case WatchEvent::Kind::Failed:
      return;
  }
}

void Watches::take_config_map(const api::ObjectKey& key, const WatchEvent& event) {
  switch (event.kind) {
    case WatchEvent::Kind::Restarted:
      return post([this, key, new_epoch = event.new_epoch] {
        if (new_epoch) snapshot_.forget_version(key);
        listed_.erase(key);
      });
    case WatchEvent::Kind::Applied:
      return post([this, key, map = api::parse_config_map(event.object)] {
        listed_.insert(key);
        snapshot_.apply(map);
      });
    case WatchEvent::Kind::Deleted:
      return post([this, key] { snapshot_.remove_config_map(key); });
    case WatchEvent::Kind::Synced:
      // Only a finished list proves it gone: saved originals decide whether a migration has begun.
      return post([this, key, version = event.version] {
        if (!listed_.contains(key)) snapshot_.remove_config_map(key, version);
      });
    case WatchEvent::Kind::Progressed:
    case WatchEvent::Kind::NotServed:
    case WatchEvent::Kind::Failed:
      return;
  }
}

}  // namespace controller
