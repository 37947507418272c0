// Asks the API server which rights the operator has and which API groups are served: when there is
// something new to ask, and again while something is missing. On the strand, but for the requests
// themselves.
#pragma once

#include "base/backoff.h"
#include "controller/cluster/access_review.h"
#include "controller/snapshot/snapshot_builder.h"
#include "kube/reader.h"
#include "kube/transport.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace controller {

class ServerReview {
 public:
  struct Parts {
    boost::asio::io_context& strand;
    boost::asio::thread_pool& workers;
    SnapshotBuilder& snapshot;
    kube::Transport& transport;
    const kube::Reader& reader;
  };
  // Calls on the strand after that time, unless the operator stops before.
  using After = std::function<void(base::Duration, std::function<void()>)>;

  // `on_change` is called on the strand after every answer.
  ServerReview(Parts parts, After after, std::function<void()> on_change)
      : parts_(parts), after_(std::move(after)), on_change_(std::move(on_change)) {}

  // Sets the rights that are needed from now on; the next question asks for them.
  void need(AccessScope scope) { scope_ = std::move(scope); }
  // `lists_are_there`: it is known what is needed.
  void ask_what_is_new(bool lists_are_there);
  // The rights that are needed have been answered.
  bool is_answered() const { return reviewed_; }

 private:
  bool definitions_are_missing() const;
  void tell_of_missing_definition();
  void review_access();
  void rights_answered(const base::Result<MissingRights>& missing);
  void ask_for_group();

  Parts parts_;
  After after_;
  std::function<void()> on_change_;
  bool reviewed_ = false;
  bool asked_for_group_ = false;
  bool definition_missing_ = false;
  AccessScope scope_;  // what is needed now
  AccessScope asked_;
  std::uint64_t reviews_ = 0;  // only the latest counts
  base::Backoff review_failures_{{base::Duration(1'000), base::Duration(30'000), 2.0}};
};

}  // namespace controller
