#include "calico_stand_in/kube_controllers.h"

#include "calico_stand_in/collector.h"
#include "calico_stand_in/datastore.h"
#include "calico_stand_in/say.h"
#include "kube/reader.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <optional>
#include <thread>

namespace stand_in {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr auto kPause = 500ms;
constexpr milliseconds kPeriodWithoutGrace = 5min;
constexpr const char* kDefaultGrace = "15m";

// As Go writes it: "15m0s", "1.5s", "500ms".
base::Result<milliseconds> parse_duration(const std::string& text) {
  const std::map<std::string, double> units{
      {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}};
  double sum = 0;
  for (const char* at = text.c_str(); *at != '\0';) {
    char* end = nullptr;
    const double number = std::strtod(at, &end);
    const std::string rest(end);
    const auto unit = units.find(rest.substr(0, rest.find_first_of("0123456789.")));
    if (end == at || unit == units.end())
      return base::fail(base::ErrorKind::Invalid, "no duration: " + text);
    sum += number * unit->second;
    at = end + unit->first.size();
  }
  return milliseconds(static_cast<std::int64_t>(sum));
}

base::Result<milliseconds> read_grace(kube::Transport& transport) {
  const auto found = kube::Reader(transport).get({kControllers, "", "default"});
  if (!found && found.error().kind == base::ErrorKind::NotFound)
    return parse_duration(kDefaultGrace);
  if (!found) return tl::unexpected(found.error());
  const auto node = (*found)["spec"]["controllers"]["node"];
  return parse_duration(node["leakGracePeriod"].string(kDefaultGrace));
}

// The datastore is locked while somebody moves it.
base::Result<bool> may_collect(kube::Transport& transport) {
  const auto information = kube::Reader(transport).get({kClusterInformation, "", "default"});
  if (!information) return tl::unexpected(information.error());
  return (*information)["spec"]["datastoreReady"].boolean();
}

class KubeControllers {
 public:
  explicit KubeControllers(kube::Transport& transport) : transport_(transport) {}

  base::Result<void> pass() {
    const auto grace = read_grace(transport_);
    if (!grace) return tl::unexpected(grace.error());
    if (grace_ != *grace) begin_anew(*grace);
    if (std::chrono::steady_clock::now() < next_) return {};
    const auto may = may_collect(transport_);
    if (!may) return tl::unexpected(may.error());
    if (!*may) return {};
    return scan();
  }

 private:
  // The real one restarts when its settings change.
  void begin_anew(milliseconds grace) {
    collector_.emplace(transport_);
    grace_ = grace;
    next_ = {};
    say(fmt::format("grace period {} s", static_cast<double>(grace.count()) / 1000));
  }

  base::Result<void> scan() {
    const auto done = collector_->scan(*grace_);
    if (!done) return tl::unexpected(done.error());
    say(*done);
    next_ = std::chrono::steady_clock::now() +
            (grace_->count() > 0 ? *grace_ / 2 : kPeriodWithoutGrace);
    return {};
  }

  kube::Transport& transport_;
  std::optional<Collector> collector_;
  std::optional<milliseconds> grace_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace

int run_kube_controllers() {
  // The first process of a container is not ended by a signal that it does not ask for.
  std::signal(SIGTERM, [](int) { _exit(0); });
  const auto transport = connect("");
  if (!transport) return say(transport.error().message), 1;
  KubeControllers controllers(**transport);
  for (;; std::this_thread::sleep_for(kPause))
    if (auto passed = controllers.pass(); !passed) say(passed.error().message);
}

}  // namespace stand_in
