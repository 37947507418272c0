#include "controller/app.h"

#include "api/names.h"
#include "base/log.h"
#include "base/termination.h"
#include "controller/cluster/recently_watched.h"
#include "controller/cluster/server_review.h"
#include "controller/cluster/watched_objects.h"
#include "controller/metrics/measured_transport.h"
#include "controller/program/connection.h"
#include "controller/program/identity.h"
#include "controller/program/version.h"
#include "controller/reconciler.h"
#include "controller/serve/health_server.h"
#include "controller/serve/strand_probe.h"
#include "controller/watch/pod_lists.h"
#include "controller/watch/watches.h"
#include "kube/leader_elector.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <optional>

namespace controller {
namespace {

namespace asio = boost::asio;

constexpr int kMemoryArenas = 2;
constexpr int kLargeBuffer = 128 * 1024;
constexpr base::Duration kTrimPause{5'000};

class App {
 public:
  // The lease has a transport of its own, with which it is given up after everything else has
  // ended.
  App(const Options& options, kube::HttpTransport& transport, kube::HttpTransport& lease)
      : options_(options),
        self_(identity(options)),
        transport_(transport),
        measured_(transport, metrics_, clock_),
        reader_(measured_),
        writer_(measured_, [this] { return write_until(); }),
        workers_(options.workers),
        signals_(strand_, SIGTERM, SIGINT),
        snapshot_(self_),
        pods_(
            snapshot_, clock_,
            [this](const auto& node, auto generation) { pod_lists_.list_node(node, generation); }),
        all_pods_(snapshot_, [this](auto generation) { pod_lists_.list_all(generation); }),
        pod_lists_({strand_, workers_, reader_, pods_, all_pods_}, [this] { changed(); }),
        action_writer_(reader_, writer_, clock_, {self_.ns, options.agent_image}),
        tasks_(strand_, workers_, snapshot_, action_writer_, metrics_, clock_,
               [this] { changed(); }),
        statuses_({strand_, workers_, snapshot_, reader_, writer_, clock_}, [this] { changed(); }),
        reconciler_({strand_, snapshot_, pods_, all_pods_, tasks_, statuses_, metrics_, clock_},
                    [this] { return may_act(); }),
        review_(
            {strand_, workers_, snapshot_, measured_, reader_},
            [this](auto delay, auto call) { after(delay, std::move(call)); },
            [this] { changed(); }),
        watches_(strand_, measured_, snapshot_, pods_, all_pods_, metrics_, self_.ns,
                 [this] { changed(); }),
        elector_(lease, clock_, elector_options()) {}

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
    metrics_.set_leading(!options_.leader_elect);
    if (options_.leader_elect) elector_.start();
    watches_.start();
    return run_strand();
  }

 private:
  // An exception here is memory that ran out, or a bug of ours: the next process starts over.
  int run_strand() {
    try {
      strand_.run();
      return 0;
    } catch (const std::exception& error) {
      base::log_error("ending", {{"error", error.what()}});
    }
    stop();
    return 1;
  }

  // --- what may be done ---
  std::optional<kube::LeaderElector::Steady> write_until() const {
    if (stopping_) return std::nullopt;
    return options_.leader_elect ? elector_.leader_until() : kube::LeaderElector::Steady::max();
  }
  bool may_act() const { return write_until() && watches_.ready() && review_.is_answered(); }

  kube::LeaderElectorOptions elector_options() {
    kube::LeaderElectorOptions elector;
    elector.lease.identity = lease_identity();
    elector.ns = self_.ns;
    elector.name = std::string(api::kLease);
    elector.on_started = [this] {
      base::log_info("leading");
      metrics_.set_leading(true);
      asio::post(strand_, [this] { changed(); });
    };
    elector.on_lost = [this] {
      base::log_warn("not leading any more: nothing is written");
      metrics_.set_leading(false);
      // The new leader reports where the migration stands.
      asio::post(strand_, [this] { metrics_.forget(); });
    };
    return elector;
  }

  base::Result<std::unique_ptr<HealthServer>> start_health() {
    if (options_.listen.empty()) return std::unique_ptr<HealthServer>();
    HealthPages pages;
    pages.healthy = [this] { return !stopping_.load() && probe_.comes_to_its_work(); };
    pages.ready = [this] { return ready_.load(); };
    pages.metrics = [this] { return metrics_.text(); };
    return HealthServer::start(options_.listen, std::move(pages));
  }

  // --- on the strand ---
  void changed() {
    look_for_interests();
    ready_ = watches_.ready();
    review_.ask_what_is_new(ready_);
    trim_memory_soon();
    reconciler_.schedule();
  }

  // Calls it on the strand after the delay, unless the operator stops before.
  void after(base::Duration delay, std::function<void()> call) {
    auto timer = std::make_shared<asio::steady_timer>(strand_, delay);
    timer->async_wait([this, timer, call = std::move(call)](const auto& error) {
      if (!error && !stopping_) call();
    });
  }

  // Compares first: events of nodes and pods are many, and none of them changes the interests.
  void look_for_interests() {
    if (interests_ == snapshot_.interests()) return;
    interests_ = snapshot_.interests();
    watch_config_maps();
    review_.need(access_scope_of(snapshot_.state()));
  }

  // Runs again later, when the time is over during which unwanted ConfigMaps stay watched.
  void watch_config_maps() {
    const auto wanted = config_maps_of(snapshot_.state());
    watches_.want_config_maps(config_maps_.update(wanted, clock_.steady_now()));
    if (!config_maps_.any_kept() || interests_due_) return;
    interests_due_ = true;
    after(kWatchedAfterwards, [this] {
      interests_due_ = false;
      watch_config_maps();
    });
  }

  // Data that passes between a watch and the snapshot leaves holes all over the heap.
  void trim_memory_soon() {
    if (trim_due_) return;
    trim_due_ = true;
    after(kTrimPause, [this] {
      trim_due_ = false;
      malloc_trim(0);
    });
  }

  // --- the end ---
  // Takes two seconds at most: requests to the API server are interrupted, and when no write is
  // possible any more, the lease is given up, which is tried for a second.
  void stop() {
    base::log_info("stopping");
    stopping_ = true;
    reconciler_.stop();
    watches_.request_stop();
    transport_.close();
    watches_.stop();
    workers_.stop();
    workers_.join();
    if (options_.leader_elect) elector_.stop();
    strand_.stop();
  }

  const Options& options_;
  migration::Identity self_;
  base::SystemClock clock_;
  Metrics metrics_;
  kube::HttpTransport& transport_;
  MeasuredTransport measured_;
  kube::Reader reader_;
  kube::Writer writer_;
  asio::io_context strand_{1};
  asio::thread_pool workers_;
  asio::signal_set signals_;
  StrandProbe probe_{strand_, clock_};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> ready_{false};
  bool trim_due_ = false;
  bool interests_due_ = false;
  std::optional<std::uint64_t> interests_;  // as they were looked at last
  RecentlyWatched config_maps_;
  SnapshotBuilder snapshot_;
  NodePodTracker pods_;
  ClusterPodIndex all_pods_;
  PodLists pod_lists_;
  ActionWriter action_writer_;
  TaskRunner tasks_;
  StatusWriter statuses_;
  Reconciler reconciler_;
  ServerReview review_;
  Watches watches_;
  kube::LeaderElector elector_;
};

}  // namespace

int run_operator(const Options& options) {
  // Many threads with little work: one arena each would only hold memory. Large buffers go back at
  // once.
  mallopt(M_ARENA_MAX, kMemoryArenas);
  mallopt(M_MMAP_THRESHOLD, kLargeBuffer);
  base::init_log(options.log_level);
  base::log_termination();
  const auto config = find_api_server(options);
  if (!config) {
    base::log_error("no API server", {{"error", config.error().message}});
    return 1;
  }
  auto transport = connect(*config, options.workers);
  auto lease = connect(*config, 1);
  if (!transport || !lease) {
    const base::Error& error = transport ? lease.error() : transport.error();
    base::log_error("no API server", {{"error", error.message}});
    return 1;
  }
  return App(options, **transport, **lease).run();
}

}  // namespace controller
