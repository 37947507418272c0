#include "controller/cluster/server_review.h"

#include "base/log.h"
#include "controller/cluster/discovery.h"
#include "controller/program/other_threads.h"
#include "kube/writer.h"

#include <boost/asio/post.hpp>

namespace controller {
namespace {

namespace asio = boost::asio;

constexpr base::Duration kAskAgain{30'000};  // after missing rights, or no answer

}  // namespace

void ServerReview::ask_what_is_new(bool lists_are_there) {
  const bool lacking = definitions_are_missing();
  const bool group = lacking && !asked_for_group_;
  asked_for_group_ = lacking;
  if (group) ask_for_group();
  tell_of_missing_definition();
  if (lists_are_there && !asked_.covers(scope_)) review_access();
}

bool ServerReview::definitions_are_missing() const {
  return !migration::unseen_kinds(parts_.snapshot.state(), migration::Unseen::NotServed).empty();
}

void ServerReview::tell_of_missing_definition() {
  const auto& unseen = parts_.snapshot.state().unseen;
  const auto ours = unseen.find(name_of(Kind::FlannelMigrations));
  const bool missing = ours != unseen.end() && ours->second == migration::Unseen::NotServed;
  if (missing && !definition_missing_)
    base::log_warn("the API server does not serve FlannelMigrations",
                   {{"fix", "kubectl apply -f crds"}});
  definition_missing_ = missing;
}

void ServerReview::review_access() {
  asked_ = scope_;
  reviewed_ = false;
  post_to_worker(parts_.workers, parts_.strand, [this, scope = scope_, review = ++reviews_] {
    const kube::Writer asker(parts_.transport);  // questions write nothing, and need no lease
    const auto missing = missing_rights(asker, scope);
    asio::post(parts_.strand, [this, missing, review] {
      if (review == reviews_) rights_answered(missing);
    });
  });
}

void ServerReview::rights_answered(const base::Result<MissingRights>& missing) {
  if (missing) {
    reviewed_ = true;
    review_failures_.reset();
    parts_.snapshot.set_missing_rights(missing->ours, missing->of_accounts);
  } else {
    base::log_warn("rights not reviewed", {{"error", missing.error().message}});
  }
  on_change_();
  if (missing && missing->none()) return;
  const auto delay = missing ? kAskAgain : review_failures_.next(missing.error());
  after_(delay, [this, review = reviews_] {
    if (review == reviews_) review_access();
  });
}

void ServerReview::ask_for_group() {
  post_to_worker(parts_.workers, parts_.strand, [this] {
    const auto v3 = calico_uses_v3(parts_.reader);
    asio::post(parts_.strand, [this, v3] {
      if (v3) parts_.snapshot.set_calico_v3(*v3);
      on_change_();
      if (definitions_are_missing()) after_(kAskAgain, [this] { ask_for_group(); });
    });
  });
}

}  // namespace controller
