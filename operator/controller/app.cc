#include "controller/app.h"

#include "api/names.h"
#include "base/log.h"
#include "controller/access_review.h"
#include "controller/connection.h"
#include "controller/health_server.h"
#include "controller/reconciler.h"
#include "controller/version.h"
#include "controller/watches.h"
#include "flannel/install.h"
#include "kube/leader_elector.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace controller {
namespace {

namespace asio = boost::asio;

constexpr int kMemoryArenas = 2;
constexpr std::chrono::seconds kAskAgain{30};  // after missing rights, or no answer
constexpr std::chrono::seconds kListAgain{1};

migration::Identity identity(const Options& options) {
  const auto text = [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
  };
  return {own_namespace(options), text("NODE_NAME"), text("POD_NAME")};
}

std::string lease_identity() {
  std::string host(256, '\0');
  if (gethostname(host.data(), host.size() - 1) != 0) host = "operator";
  return fmt::format("{}_{}_{}", host.c_str(), getpid(),
                     base::SystemClock().now().time_since_epoch().count());
}

class App {
 public:
  App(const Options& options, kube::Transport& transport)
      : options_(options),
        self_(identity(options)),
        transport_(transport),
        reader_(transport),
        writer_(transport, [this] { return may_write(); }),
        workers_(options.workers),
        signals_(strand_, SIGTERM, SIGINT),
        retry_(strand_),
        snapshot_(self_),
        pods_(snapshot_, clock_,
              [this](const auto& node, auto generation) { list_pods(node, generation); }),
        action_writer_(reader_, writer_, clock_, {self_.ns, options.agent_image}),
        tasks_(strand_, workers_, snapshot_, action_writer_, clock_, [this] { changed(); }),
        statuses_(strand_, workers_, snapshot_, writer_, clock_, [this] { changed(); }),
        reconciler_({strand_, snapshot_, pods_, tasks_, statuses_, metrics_, clock_},
                    [this] { return may_act(); }),
        watches_(strand_, transport, snapshot_, pods_, self_.ns, [this] { changed(); }),
        elector_(transport, clock_, elector_options()) {}

  int run() {
    auto health = start_health();
    if (!health) {
      base::log_error("cannot start", {{"error", health.error().message}});
      return 1;
    }
    signals_.async_wait([this](const auto& error, int) {
      if (!error) stop();
    });
    base::log_info("starting",
                   {{"version", std::string(kProgramVersion)}, {"namespace", self_.ns}});
    if (options_.leader_elect) elector_.start();
    watches_.start();
    review_access();
    strand_.run();
    return 0;
  }

 private:
  // --- what may be done ---
  bool may_write() const { return !stopping_ && (!options_.leader_elect || elector_.is_leader()); }
  bool may_act() const { return may_write() && watches_.ready() && reviewed_; }

  kube::LeaderElectorOptions elector_options() {
    kube::LeaderElectorOptions elector;
    elector.lease.identity = lease_identity();
    elector.ns = self_.ns;
    elector.name = std::string(api::kLease);
    elector.on_started = [this] {
      base::log_info("leading");
      asio::post(strand_, [this] { changed(); });
    };
    elector.on_lost = [] { base::log_warn("not leading any more: nothing is written"); };
    return elector;
  }

  base::Result<std::unique_ptr<HealthServer>> start_health() {
    if (options_.listen.empty()) return std::unique_ptr<HealthServer>();
    HealthServer::Pages pages;
    pages.healthy = [this] { return !stopping_.load(); };
    pages.ready = [this] { return ready_.load(); };
    pages.metrics = [this] { return metrics_.text(); };
    return HealthServer::start(options_.listen, std::move(pages));
  }

  // --- on the strand ---
  void changed() {
    watches_.want_config_maps(config_maps());
    ready_ = watches_.ready();
    reconciler_.schedule();
  }

  // The ConfigMaps that the present DaemonSets and migrations make important.
  std::set<api::ObjectKey> config_maps() {
    const auto& state = snapshot_.state();
    std::set<api::ObjectKey> keys = {{self_.ns, std::string(api::kOriginalsConfigMap)},
                                     {self_.ns, std::string(api::kPlanConfigMap)}};
    for (const auto& migration : state.migrations) {
      if (!migration.spec) continue;
      keys.insert({migration.spec->calico.daemon_set.ns, std::string(api::kCalicoConfigMap)});
    }
    for (const auto& [key, set] : state.daemon_sets) {
      const auto candidate = flannel::recognise(set);
      if (candidate && !candidate->config_map.empty())
        flannel_maps_.insert({key.ns, candidate->config_map});
    }
    // Kept when the DaemonSet is deleted: a revert needs the configuration.
    keys.insert(flannel_maps_.begin(), flannel_maps_.end());
    return keys;
  }

  void list_pods(const std::string& node, std::uint64_t generation) {
    asio::post(workers_, [this, node, generation] {
      PodTracker::Listed answer{node, {}, {}};
      kube::ListQuery query;
      query.select.field_selector = "spec.nodeName=" + node;
      const auto version = reader_.list(
          kube::kPods, query,
          [&answer](json::View pod) { answer.pods.push_back(api::parse_pod(pod)); },
          [&answer] { answer.pods.clear(); });
      if (!version) {
        base::log_warn("pods not listed", {{"node", node}, {"error", version.error().message}});
        return list_again_later(node, generation);
      }
      answer.resource_version = *version;
      asio::post(strand_, [this, answer = std::move(answer), generation] {
        pods_.listed(answer, generation);
        changed();
      });
    });
  }

  void list_again_later(const std::string& node, std::uint64_t generation) {
    asio::post(strand_, [this, node, generation] {
      auto timer = std::make_shared<asio::steady_timer>(strand_, kListAgain);
      timer->async_wait([this, timer, node, generation](const auto& error) {
        if (error || stopping_) return;
        pods_.list_failed(node, generation);
        changed();
      });
    });
  }

  // --- rights: asked at the start, and again while one is missing ---
  void review_access() {
    asio::post(workers_, [this] {
      const kube::Writer asker(transport_);  // questions are no writes, and need no lease
      const auto missing = missing_rights(asker, self_.ns);
      asio::post(strand_, [this, missing] {
        if (missing) {
          reviewed_ = true;
          snapshot_.set_missing_permissions(*missing);
        } else {
          base::log_warn("rights not reviewed", {{"error", missing.error().message}});
        }
        changed();
        if (!missing || !missing->empty()) review_again_later(missing ? kAskAgain : kListAgain);
      });
    });
  }

  void review_again_later(std::chrono::seconds delay) {
    retry_.expires_after(delay);
    retry_.async_wait([this](const auto& error) {
      if (!error && !stopping_) review_access();
    });
  }

  // --- the end ---
  void stop() {
    base::log_info("stopping");
    stopping_ = true;
    reconciler_.stop();
    retry_.cancel();
    if (options_.leader_elect) elector_.stop();
    if (auto* http = dynamic_cast<kube::HttpTransport*>(&transport_)) http->close();
    watches_.stop();
    workers_.stop();
    workers_.join();
    strand_.stop();
  }

  const Options& options_;
  migration::Identity self_;
  base::SystemClock clock_;
  kube::Transport& transport_;
  kube::Reader reader_;
  kube::Writer writer_;
  asio::io_context strand_{1};
  asio::thread_pool workers_;
  asio::signal_set signals_;
  asio::steady_timer retry_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ready_{false};
  bool reviewed_ = false;
  std::set<api::ObjectKey> flannel_maps_;
  Metrics metrics_;
  SnapshotBuilder snapshot_;
  PodTracker pods_;
  ActionWriter action_writer_;
  TaskRunner tasks_;
  StatusWriter statuses_;
  Reconciler reconciler_;
  Watches watches_;
  kube::LeaderElector elector_;
};

}  // namespace

int run_operator(const Options& options) {
  // Many threads with little work: one arena each would only hold memory.
  mallopt(M_ARENA_MAX, kMemoryArenas);
  base::init_log(options.log_level);
  const auto config = find_api_server(options);
  if (!config) {
    base::log_error("no API server", {{"error", config.error().message}});
    return 1;
  }
  auto transport = connect(*config, options.workers);
  if (!transport) {
    base::log_error("no API server", {{"error", transport.error().message}});
    return 1;
  }
  return App(options, **transport).run();
}

}  // namespace controller
