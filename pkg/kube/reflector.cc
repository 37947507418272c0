#include "kube/reflector.h"

#include "base/overloaded.h"
#include "json/stream.h"
#include "kube/answer_kind.h"

#include <fmt/format.h>

namespace kube {

using base::ErrorKind;

namespace {

// Bookmarks, too, are objects of the kind; an ERROR is a Status.
base::Result<void> check_line(json::View line, const Resource& resource) {
  const json::View object = line["object"];
  if (line["type"].string_view() == "ERROR" || is_object_of(object, resource)) return {};
  return base::Failure(
      wrong_kind(fmt::format("{} {}", resource.api_version(), resource.kind), object));
}

json::Keep keep_of_line(const json::Keep& object) {
  json::Keep keep;
  if (object.is_whole()) return keep;
  keep.add("type");
  keep.add_below("object", object);
  return keep;
}

}  // namespace

Reflector::Reflector(Transport& transport, ReflectorOptions options, Handler handler)
    : transport_(transport),
      options_(std::move(options)),
      handler_(std::move(handler)),
      line_keep_(keep_of_line(options_.keep)),
      machine_(options_.mode, options_.backoff, options_.seed) {}

Reflector::~Reflector() { stop(); }

void Reflector::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run_thread(stop); });
}

void Reflector::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Reflector::run_thread(const std::stop_token& stop) {
  if (!options_.on_thrown) return run(stop);
  try {
    run(stop);
  } catch (...) {
    options_.on_thrown(std::current_exception());
  }
}

void Reflector::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::visit(base::overloaded{[&](const FetchPage& command) { fetch_page(command, stop); },
                                [&](const FetchVersion&) { fetch_version(stop); },
                                [&](const StartWatch& command) { watch(command, stop); },
                                [&](const Wait& command) { wait(command, stop); }},
               machine_.next());
  }
}

void Reflector::fetch_page(const FetchPage& command, const std::stop_token& stop) {
  const ListQuery query{.select = options_.select,
                        .limit = options_.page_limit,
                        .continue_token = command.continue_token,
                        .keep = &options_.keep};
  const auto on_item = [&](json::View object) { hand_out(machine_.item(object), stop); };
  const auto page = fetch_list_page(transport_, options_.resource, query, on_item, stop);
  if (stop.stop_requested()) return;
  hand_out(page ? machine_.page(*page) : machine_.page_failed(page.error()), stop);
}

void Reflector::fetch_version(const std::stop_token& stop) {
  const ListQuery query{.select = options_.select, .limit = 1, .keep = &options_.keep};
  const auto ignore = [](json::View) {};
  const auto page = fetch_list_page(transport_, options_.resource, query, ignore, stop);
  if (stop.stop_requested()) return;
  hand_out(page ? machine_.page(*page) : machine_.page_failed(page.error()), stop);
}

void Reflector::watch(const StartWatch& command, const std::stop_token& stop) {
  const Request request = watch_request(
      options_.resource,
      {options_.select, command.resource_version, options_.server_timeout, options_.margin});
  const auto take_line = [&](std::string_view text) -> base::Result<void> {
    const auto line = json::Document::parse(text);
    if (!line) return base::fail(ErrorKind::Protocol, line.error().message);
    if (auto checked = check_line(line->root(), options_.resource); !checked) return checked;
    hand_out(machine_.line(line->root()), stop);
    if (is_watching()) return {};
    return base::fail(ErrorKind::Cancelled, "the watch is of no more use");
  };
  json::LineSplitter splitter(take_line, json::kLongestObject, line_keep_);
  const auto feed = [&](std::string_view chunk) { return splitter.feed(chunk); };
  const auto began = clock_.steady_now();
  const auto ended = transport_.stream(request, feed, stop);
  if (stop.stop_requested() || !is_watching()) return;
  const auto lasted = std::chrono::floor<base::Duration>(clock_.steady_now() - began);
  hand_out(ended ? machine_.stream_ended(lasted) : machine_.stream_failed(ended.error()), stop);
}

void Reflector::wait(const Wait& command, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, stop, command.delay, [] { return false; });
  machine_.waited();
}

bool Reflector::is_watching() const { return std::holds_alternative<StartWatch>(machine_.next()); }

void Reflector::hand_out(const WatchEvents& events, const std::stop_token& stop) {
  for (const WatchEvent& event : events) {
    if (!stop.stop_requested()) handler_(event);
  }
}

}  // namespace kube
