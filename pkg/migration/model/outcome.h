// Whether something that a migration needs is done: yes, not yet, or not without a person. The one
// answer of stages, of what comes before them, and of what lets further nodes start.
#pragma once

#include <string>
#include <utility>

namespace migration {

struct Outcome {
  enum class State { Ready, Waiting, Blocked };

  State state = State::Ready;
  std::string message;  // what is waited for, or what a person has to do; a remark when Ready

  bool is_ready() const { return state == State::Ready; }
  bool is_blocked() const { return state == State::Blocked; }

  static Outcome ready(std::string remark = {}) { return {State::Ready, std::move(remark)}; }
  static Outcome waiting(std::string for_what) { return {State::Waiting, std::move(for_what)}; }
  static Outcome blocked(std::string why) { return {State::Blocked, std::move(why)}; }

  bool operator==(const Outcome&) const = default;
};

}  // namespace migration
