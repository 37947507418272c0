#include "flannel/image.h"

#include "flannel/version.h"

#include <fmt/format.h>

#include <array>

namespace flannel {
namespace {

std::string_view without_digest(std::string_view image) { return image.substr(0, image.find('@')); }

// Behind the registry and the folders; may still have a tag.
std::string_view last_part(std::string_view image) {
  image = without_digest(image);
  const auto slash = image.rfind('/');
  return slash == std::string_view::npos ? image : image.substr(slash + 1);
}

// Prefixes and suffixes that publishers and mirrors add to the name of flannel's image.
constexpr std::array<std::string_view, 9> kPublishers = {"",
                                                         "hardened-",
                                                         "mirrored-",
                                                         "coreos-",
                                                         "mirrored-coreos-",
                                                         "flannel-io-",
                                                         "mirrored-flannel-io-",
                                                         "flannelcni-",
                                                         "mirrored-flannelcni-"};
constexpr std::array<std::string_view, 7> kArchitectures = {
    "", "-amd64", "-arm", "-arm64", "-ppc64le", "-s390x", "-riscv64"};

}  // namespace

std::string_view image_name(std::string_view image) {
  const auto last = last_part(image);
  return last.substr(0, last.find(':'));
}

std::string_view image_tag(std::string_view image) {
  const auto last = last_part(image);
  const auto colon = last.find(':');
  return colon == std::string_view::npos ? std::string_view{} : last.substr(colon + 1);
}

std::string image_version(std::string_view image) {
  auto tag = image_tag(image);
  if (!parse_version(tag)) return {};
  if (tag.starts_with('v')) tag.remove_prefix(1);
  return std::string(tag.substr(0, tag.find_first_not_of("0123456789.")));
}

// Sidecars, exporters and installers have flannel in their names, too.
bool is_flannel_image(std::string_view image) {
  const auto name = image_name(image);
  for (const auto publisher : kPublishers) {
    for (const auto architecture : kArchitectures) {
      if (name == fmt::format("{}flannel{}", publisher, architecture)) return true;
    }
  }
  return false;
}

}  // namespace flannel
