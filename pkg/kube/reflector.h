// A thread that keeps up with the objects of one kind and hands the events to a function.
#pragma once

#include "base/clock.h"
#include "kube/transport.h"
#include "kube/watch_machine.h"

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace kube {

struct ReflectorOptions {
  Resource resource;
  Selection select = {};
  WatchMode mode = WatchMode::Full;
  base::BackoffPolicy backoff = {};
  std::uint32_t seed = 0;
  unsigned page_limit = 500;
  std::chrono::seconds server_timeout{290};
  std::chrono::seconds margin{15};
  // The members of an object that are wanted; none: all. The members of metav1.Status are needed in
  // any case.
  json::Keep keep = {};
  // Gets an exception that ends the reflector's thread (e.g. memory ran out), and is called on that
  // thread; without a function such an exception ends the process.
  std::function<void(std::exception_ptr)> on_thrown = {};
};

class Reflector {
 public:
  // Called on the reflector's thread, one event at a time; views in the event are valid during the
  // call.
  using Handler = std::function<void(const WatchEvent&)>;

  // `transport` must outlive it.
  Reflector(Transport& transport, ReflectorOptions options, Handler handler);
  // Stops it.
  ~Reflector();

  void start();
  // Results of requests that end from now on are not handed out; does not wait for the thread.
  void request_stop() { thread_.request_stop(); }
  // Returns when the thread has ended, promptly also in the middle of a request. The handler is not
  // called afterwards. Not from the handler.
  void stop();

 private:
  void run_thread(const std::stop_token& stop);
  void run(const std::stop_token& stop);
  void fetch_page(const FetchPage& command, const std::stop_token& stop);
  void fetch_version(const std::stop_token& stop);
  void watch(const StartWatch& command, const std::stop_token& stop);
  void wait(const Wait& command, const std::stop_token& stop);
  bool is_watching() const;
  void hand_out(const WatchEvents& events, const std::stop_token& stop);

  Transport& transport_;
  const ReflectorOptions options_;
  const Handler handler_;
  const base::SystemClock clock_;
  const json::Keep line_keep_;  // of a line of a watch
  WatchMachine machine_;        // of the thread alone
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace kube
