#include "calico/account_needs.h"

#include "fakes/build/objects.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace build;

namespace {

std::vector<std::string> told(const std::vector<calico::AccountNeed>& needs) {
  std::vector<std::string> words;
  for (const auto& need : needs) words.push_back(need.account.name + ": " + need.right.to_string());
  return words;
}

}  // namespace

TEST_CASE("calico-node and its plugin need what Calico's manifest gives them") {
  CHECK(told(calico::needs_of_calico(a_calico_node_set())) ==
        std::vector<std::string>{
            "calico-node: create serviceaccounts/token calico-cni-plugin in kube-system",
            "calico-node: patch nodes/status", "calico-node: list nodes",
            "calico-node: watch nodes", "calico-node: list ippools",
            "calico-node: list felixconfigurations", "calico-cni-plugin: get pods",
            "calico-cni-plugin: patch pods/status", "calico-cni-plugin: update ipamblocks",
            "calico-cni-plugin: create ipamhandles"});
}

TEST_CASE("Canal needs tokens of the account that it names, and of none where it names none") {
  const auto set = a_canal_set();
  CHECK(told(calico::needs_of_canal(set)) ==
        std::vector<std::string>{"canal: create serviceaccounts/token canal in kube-system",
                                 "canal: patch nodes/status", "canal: list nodes",
                                 "canal: watch nodes"});
  auto older = set;
  for (auto& container : older.init_containers) container.env.clear();
  CHECK(told(calico::needs_of_canal(older)).front() == "canal: patch nodes/status");
}

TEST_CASE("the commands of a fix name group, subresource and object of a right") {
  const calico::AccountNeed need{
      {"ns", "set"}, {"ns", "one"}, {"get", "apps", "daemonsets", {}, "a", "scale"}};
  CHECK(need.fix() ==
        "kubectl create clusterrole one-get-daemonsets-scale --verb=get "
        "--resource=daemonsets.apps/scale --resource-name=a && "
        "kubectl create clusterrolebinding one-get-daemonsets-scale "
        "--clusterrole=one-get-daemonsets-scale --serviceaccount=ns:one");
}
