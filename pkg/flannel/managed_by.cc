#include "flannel/managed_by.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace flannel {
namespace {

// Labels and annotations are both in use: looks at both.
std::string mark(const api::ObjectMeta& meta, std::string_view key) {
  if (const auto* label = meta.label(key)) return *label;
  if (const auto* annotation = meta.annotation(key)) return *annotation;
  return {};
}

std::string qualified(const std::string& ns, const std::string& name) {
  return ns.empty() ? name : ns + "/" + name;
}

std::string argo(const api::ObjectMeta& meta) {
  auto name = mark(meta, "argocd.argoproj.io/instance");
  // <application>:<group>/<kind>:<namespace>/<name>
  const auto tracking = mark(meta, "argocd.argoproj.io/tracking-id");
  if (name.empty()) name = tracking.substr(0, tracking.find(':'));
  return name.empty() ? "" : "Argo CD application " + name;
}

std::string flux(const api::ObjectMeta& meta) {
  const auto kustomization = mark(meta, "kustomize.toolkit.fluxcd.io/name");
  if (!kustomization.empty()) {
    return "Flux Kustomization " +
           qualified(mark(meta, "kustomize.toolkit.fluxcd.io/namespace"), kustomization);
  }
  const auto release = mark(meta, "helm.toolkit.fluxcd.io/name");
  return release.empty() ? ""
                         : "Flux HelmRelease " +
                               qualified(mark(meta, "helm.toolkit.fluxcd.io/namespace"), release);
}

// k3s and RKE2: objects of a manifest folder, and those that a HelmChart object made.
std::string rancher(const api::ObjectMeta& meta) {
  auto name = mark(meta, "objectset.rio.cattle.io/owner-name");
  if (name.empty()) name = mark(meta, "objectset.rio.cattle.io/id");
  if (name.empty()) name = mark(meta, "objectset.rio.cattle.io/hash");
  if (name.empty()) return {};
  const bool chart =
      mark(meta, "objectset.rio.cattle.io/owner-gvk").find("HelmChart") != std::string::npos;
  const auto owner = qualified(mark(meta, "objectset.rio.cattle.io/owner-namespace"), name);
  return (chart ? "HelmChart " : "Rancher object set ") + owner;
}

std::string helm(const api::ObjectMeta& meta) {
  const auto release = mark(meta, "meta.helm.sh/release-name");
  if (release.empty()) return {};
  return "Helm release " + qualified(mark(meta, "meta.helm.sh/release-namespace"), release);
}

// A tool, and the label or annotation in which it names what an object is part of.
struct Tool {
  std::string_view mark;
  std::string_view name;
};

constexpr std::array<Tool, 7> kTools = {{
    {"addon.kops.k8s.io/name", "kops addon"},
    {"kapp.k14s.io/app", "kapp app"},
    {"k0s.k0sproject.io/stack", "k0s stack"},
    {"kubermatic-addon", "Kubermatic addon"},
    {"addons.kubermatic.io/name", "Kubermatic addon"},
    {"kubeone.io/addon", "KubeOne addon"},
    {"config.k8s.io/owning-inventory", "inventory"},
}};

std::string tools(const api::ObjectMeta& meta) {
  for (const auto& tool : kTools) {
    const auto part = mark(meta, tool.mark);
    if (!part.empty()) return fmt::format("{} {}", tool.name, part);
  }
  if (mark(meta, "heritage") != "deckhouse") return {};
  return "Deckhouse module " + mark(meta, "module");
}

// Returns any other manager that the label names; kubectl alone changes nothing by itself.
std::string others(const api::ObjectMeta& meta) {
  auto name = mark(meta, "app.kubernetes.io/managed-by");
  return name == "kubectl" ? std::string() : name;
}

}  // namespace

std::string managed_by(const api::ObjectMeta& meta) {
  for (const auto find : {argo, flux, rancher, helm, tools, others}) {
    auto manager = find(meta);
    if (!manager.empty()) return manager;
  }
  return {};
}

}  // namespace flannel
