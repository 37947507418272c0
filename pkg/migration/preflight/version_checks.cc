#include "flannel/image.h"
#include "flannel/version.h"
#include "migration/preflight/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace migration::checks {
namespace {

using api::Severity;
using flannel::Version;

constexpr Version kOldest = {3, 27, 0};
// The first minor release of which nothing is known.
constexpr Version kUnknown = {3, 33, 0};
constexpr const char* kWereRun = "v3.27 and v3.32 were run, those between them use the same data";

// Containers of a release, as Calico's manifests name them; other containers were added by users.
constexpr std::array<std::string_view, 6> kContainers = {"calico-node", "upgrade-ipam",
                                                         "install-cni", "flexvol-driver",
                                                         "mount-bpffs", "ebpf-bootstrap"};

bool is_calicos(const api::ContainerSpec& container) {
  return std::find(kContainers.begin(), kContainers.end(), container.name) != kContainers.end();
}

std::vector<std::string> images_of(const api::DaemonSet& set) {
  std::vector<std::string> images;
  for (const auto* all : {&set.containers, &set.init_containers}) {
    for (const auto& container : *all)
      if (is_calicos(container)) images.push_back(container.image);
  }
  return images;
}

// Selects the images with a matching tag.
template <typename Matches>
std::vector<std::string> select(const std::vector<std::string>& images, Matches matches) {
  std::set<std::string> found;
  for (const auto& image : images)
    if (matches(flannel::parse_version(flannel::image_tag(image)))) found.insert(image);
  return {found.begin(), found.end()};
}

void too_old(const std::vector<std::string>& images, Findings& findings) {
  const auto old =
      select(images, [](const auto& version) { return version && *version < kOldest; });
  if (old.empty()) return;
  findings.push_back(
      {"CalicoVersion", Severity::Block, "image " + name_some(old), "Calico v3.27 or newer",
       "Upgrade Calico's manifests first: whether an older Felix keeps a tunnel device and routes "
       "that were laid for it, and reads blocks and affinities as they are written here, was never "
       "tried"});
}

void unknown(const std::vector<std::string>& images, Findings& findings) {
  const auto odd =
      select(images, [](const auto& version) { return !version || *version >= kUnknown; });
  if (odd.empty()) return;
  findings.push_back({"CalicoVersion", Severity::Warn,
                      fmt::format("image {} was not run with this operator", name_some(odd)),
                      kWereRun,
                      "Try it on a cluster that may break, or use one of those releases"});
}

void mixed(const std::vector<std::string>& images, Findings& findings) {
  std::set<Version> versions;
  for (const auto& image : images)
    if (const auto version = flannel::parse_version(flannel::image_tag(image)))
      versions.insert(*version);
  if (versions.size() < 2) return;
  const std::set<std::string> named(images.begin(), images.end());
  findings.push_back({"CalicoVersion", Severity::Warn,
                      "images of several versions: " + name_some({named.begin(), named.end()}),
                      "one version in all containers of calico-node",
                      "Apply the manifest of one release"});
}

}  // namespace

void calico_version(const Survey& survey, Findings& findings) {
  if (survey.calico_node == nullptr) return;
  const auto images = images_of(*survey.calico_node);
  too_old(images, findings);
  unknown(images, findings);
  mixed(images, findings);
}

}  // namespace migration::checks
