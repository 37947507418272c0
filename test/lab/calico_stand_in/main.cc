// A stand-in for Calico in one program: calico-node, its init containers, its CNI plugin and
// kube-controllers, told apart by the name that it is called by. What it does to packets is what
// Calico does, alone or beside flannel as Canal (CALICO_NETWORKING_BACKEND is none); it has no
// BGP.
#include "calico_stand_in/cni.h"
#include "calico_stand_in/datastore.h"
#include "calico_stand_in/felix.h"
#include "calico_stand_in/install.h"
#include "calico_stand_in/kube_controllers.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>

namespace {

int calico_node(const std::string& argument) {
  const auto node = stand_in::environment("NODENAME");
  if (argument == "-felix-ready") return stand_in::felix_is_ready();
  if (argument == "-felix-live") return stand_in::felix_is_alive();
  if (argument == "-shutdown") return stand_in::shut_down(node);
  if (argument == "-init") return 0;
  return stand_in::run_felix(node);
}

int run(const std::string& name, const std::string& argument) {
  if (name == "calico-node") return calico_node(argument);
  if (name == "install") return stand_in::install();
  if (name == "calico-ipam") return stand_in::upgrade_ipam();
  if (name == "calico") return stand_in::run_plugin();
  if (name == "kube-controllers") return stand_in::run_kube_controllers();
  fmt::print(stderr, "called as {}, which is nothing of Calico's\n", name);
  return 2;
}

}  // namespace

int main(int count, char** arguments) try {
  const std::string path = arguments[0];
  return run(path.substr(path.rfind('/') + 1), count > 1 ? arguments[1] : "");
} catch (const std::exception& error) {
  fmt::print(stderr, "COMPLAINT: {}\n", error.what());
  return 1;
}
