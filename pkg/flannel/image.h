// References of container images, as far as flannel is recognised by them.
#pragma once

#include <string>
#include <string_view>

namespace flannel {

// "ghcr.io/flannel-io/flannel:v0.28.4@sha256:..." -> "flannel"
std::string_view image_name(std::string_view image);
// -> "v0.28.4"; empty when there is none.
std::string_view image_tag(std::string_view image);
// The leading "major.minor[.patch]" of a tag, without its "v"; empty when it has no such form.
std::string image_version(std::string_view image);
// Whether the image's program is flanneld: not the CNI plugin's, and none of ours or Calico's
// migration tools.
bool is_flannel_image(std::string_view image);

}  // namespace flannel
