#include "controller/watch/pod_lists.h"

#include "base/log.h"
#include "controller/program/other_threads.h"
#include "controller/watch/kept_fields.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace controller {
namespace {

namespace asio = boost::asio;

std::optional<PodSummary> worth_keeping(json::View pod) {
  auto facts = facts_of(api::parse_pod(pod));
  return facts.any() ? std::optional(std::move(facts)) : std::nullopt;
}

}  // namespace

template <typename Item>
struct PodLists::Job {
  std::string field_selector;
  // Reads a pod on a worker, and returns what is kept of it.
  std::function<std::optional<Item>(json::View)> read;
  std::function<void(const std::vector<Item>&, const std::string& version)> listed;
  std::function<void()> failed;
};

template <typename Item>
void PodLists::start(Job<Item> job) {
  post_to_worker(parts_.workers, parts_.strand, [this, job = std::move(job)] {
    std::vector<Item> items;
    kube::ListQuery query;
    query.keep = &kept_fields_of_pods();
    query.select.field_selector = job.field_selector;
    const auto take = [&items, &job](json::View object) {
      if (auto item = job.read(object)) items.push_back(std::move(*item));
    };
    const auto version = parts_.reader.list(kube::kPods, query, take, [&items] { items.clear(); });
    if (!version) {
      base::log_warn("pods not listed",
                     {{"which", job.field_selector}, {"error", version.error().message}});
    }
    asio::post(parts_.strand, [this, job, version, items = std::move(items)] {
      if (!version) return tell_later(version.error(), job.failed);
      failures_.reset();
      job.listed(items, *version);
      on_change_();
    });
  });
}

void PodLists::tell_later(const base::Error& why, std::function<void()> failed) {
  const auto delay = failures_.next(why);
  auto timer = std::make_shared<asio::steady_timer>(parts_.strand, delay);
  timer->async_wait([this, timer, failed = std::move(failed)](const auto& error) {
    if (error) return;
    failed();
    on_change_();
  });
}

void PodLists::list_node(const std::string& node, std::uint64_t generation) {
  start<api::Pod>({"spec.nodeName=" + node, &api::parse_pod,
                   [this, node, generation](const auto& pods, const auto& version) {
                     parts_.pods.listed({node, version, pods}, generation);
                   },
                   [this, node, generation] { parts_.pods.list_failed(node, generation); }});
}

void PodLists::list_all(std::uint64_t generation) {
  start<PodSummary>({{},
                     &worth_keeping,
                     [this, generation](const auto& pods, const auto& version) {
                       parts_.all_pods.listed(pods, version, generation);
                     },
                     [this, generation] { parts_.all_pods.list_failed(generation); }});
}

}  // namespace controller
