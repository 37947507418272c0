// A view of the world as late watches give it: each object is seen some time after it changed, in
// any order. What the operator wrote itself is seen with the answer.
#pragma once

#include "scenario/fake_cluster.h"

#include <random>

namespace scenario {

enum class Answers {
  AtOnce,
  Late,  // a node's patch is on its way for a while
};

class LaggingView {
 public:
  // An object that changed is seen at each step with one chance in `odds`.
  LaggingView(const FakeCluster& cluster, std::uint32_t seed, unsigned odds, Answers answers)
      : cluster_(cluster),
        seen_(cluster.world.state),
        random_(seed),
        odds_(odds),
        answers_(answers) {}

  const migration::ClusterState& look(const std::set<std::string>& tracked);
  // The answer to a write of our own.
  void wrote(const migration::Action& action);

 private:
  bool arrives() { return random_() % odds_ == 0; }
  template <typename Map>
  void follow(Map& seen, const Map& now);
  template <typename Map, typename Key>
  void copy(Map& seen, const Map& now, const Key& key);
  void receive_answers();
  void follow_nodes(const std::set<std::string>& tracked);

  const FakeCluster& cluster_;
  migration::ClusterState seen_;
  std::mt19937 random_;
  unsigned odds_;
  Answers answers_;
};

}  // namespace scenario
