// References of container images, as far as flannel is recognised by them.
#pragma once

#include <string>
#include <string_view>

namespace flannel {

// "ghcr.io/flannel-io/flannel:v0.28.4@sha256:..." -> "flannel"
std::string_view image_name(std::string_view image);
// -> "v0.28.4"; empty when there is none.
std::string_view image_tag(std::string_view image);
// The leading "major.minor[.patch]" of a tag, without its "v"; empty for a tag of another form.
std::string image_version(std::string_view image);
// True if the image's program is flanneld; false for the CNI plugin and for our and Calico's
// migration tools.
bool is_flannel_image(std::string_view image);

}  // namespace flannel
