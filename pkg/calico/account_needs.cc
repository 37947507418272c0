#include "calico/account_needs.h"

#include <fmt/format.h>

namespace calico {
namespace {

using api::AccessRight;

constexpr std::string_view kGroup = "crd.projectcalico.org";
// Names the account whose tokens the kubeconfig of the CNI plugin is made from. Canal without this
// variable is older and does not ask for such tokens.
constexpr const char* kPluginAccount = "CALICO_CNI_SERVICE_ACCOUNT";
constexpr std::string_view kDefaultPluginAccount = "calico-cni-plugin";

std::string named_plugin_account(const api::DaemonSet& set) {
  for (const auto* containers : {&set.init_containers, &set.containers}) {
    for (const auto& container : *containers) {
      const auto named = container.env.find(kPluginAccount);
      if (named != container.env.end()) return named->second;
    }
  }
  return {};
}

AccessRight token_of(const std::string& ns, const std::string& account) {
  return {.verb = "create",
          .group = {},
          .resource = "serviceaccounts",
          .ns = ns,
          .name = account,
          .subresource = "token"};
}

AccessRight patch_status(const std::string& resource) {
  return {.verb = "patch", .group = {}, .resource = resource, .subresource = "status"};
}

std::vector<AccessRight> needs_of_nodes() {
  return {patch_status("nodes"), {"list", "", "nodes"}, {"watch", "", "nodes"}};
}

std::vector<AccessRight> needs_of_felix() {
  return {{"list", std::string(kGroup), "ippools"},
          {"list", std::string(kGroup), "felixconfigurations"}};
}

std::vector<AccessRight> needs_of_plugin() {
  return {{"get", "", "pods"},
          patch_status("pods"),
          {"update", std::string(kGroup), "ipamblocks"},
          {"create", std::string(kGroup), "ipamhandles"}};
}

class Needs {
 public:
  explicit Needs(const api::DaemonSet& set) : set_{set.meta.ns, set.meta.name} {}

  void add(const std::string& account, std::vector<AccessRight> rights) {
    for (auto& right : rights) needs_.push_back({set_, {set_.ns, account}, std::move(right)});
  }
  std::vector<AccountNeed> take() && { return std::move(needs_); }

 private:
  api::ObjectKey set_;
  std::vector<AccountNeed> needs_;
};

std::string role_name(const AccountNeed& need) {
  std::string name =
      fmt::format("{}-{}-{}", need.account.name, need.right.verb, need.right.resource);
  if (!need.right.subresource.empty()) name += "-" + need.right.subresource;
  return name;
}

std::string resource_argument(const AccessRight& right) {
  std::string text = right.resource;
  if (!right.group.empty()) text += "." + right.group;
  if (!right.subresource.empty()) text += "/" + right.subresource;
  return text;
}

}  // namespace

std::string AccountNeed::fix() const {
  const bool everywhere = right.ns.empty();
  const std::string kind = everywhere ? "clusterrole" : "role";
  const std::string where = everywhere ? "" : " -n " + right.ns;
  const std::string one = right.name.empty() ? "" : " --resource-name=" + right.name;
  const std::string role = role_name(*this);
  return fmt::format(
      "kubectl create {0} {1}{2} --verb={3} --resource={4}{5} && "
      "kubectl create {0}binding {1}{2} --{0}={1} --serviceaccount={6}:{7}",
      kind, role, where, right.verb, resource_argument(right), one, account.ns, account.name);
}

std::vector<AccountNeed> needs_of_calico(const api::DaemonSet& set) {
  std::string plugin = named_plugin_account(set);
  if (plugin.empty()) plugin = kDefaultPluginAccount;
  Needs needs(set);
  needs.add(set.service_account, {token_of(set.meta.ns, plugin)});
  needs.add(set.service_account, needs_of_nodes());
  needs.add(set.service_account, needs_of_felix());
  needs.add(plugin, needs_of_plugin());
  return std::move(needs).take();
}

std::vector<AccountNeed> needs_of_canal(const api::DaemonSet& set) {
  const std::string plugin = named_plugin_account(set);
  Needs needs(set);
  if (!plugin.empty()) needs.add(set.service_account, {token_of(set.meta.ns, plugin)});
  needs.add(set.service_account, needs_of_nodes());
  return std::move(needs).take();
}

}  // namespace calico
