#include "flannel/image.h"

#include <catch2/catch.hpp>

TEST_CASE("an image of flanneld is told from others by its name") {
  const auto [image, flannel, version] = GENERATE(table<std::string, bool, std::string>({
      {"ghcr.io/flannel-io/flannel:v0.28.4", true, "0.28.4"},
      {"docker.io/flannel/flannel:v0.22.0", true, "0.22.0"},
      {"quay.io/coreos/flannel:v0.9.1-amd64", true, "0.9.1"},
      {"rancher/mirrored-flannelcni-flannel:v0.19.2", true, "0.19.2"},
      {"rancher/hardened-flannel:v0.26.1-build20250101", true, "0.26.1"},
      {"localhost:5000/flannel", true, ""},
      {"flannel:latest", true, ""},
      {"flannel:v0.28", true, "0.28"},
      {"flannel:1.2.3.4", true, ""},
      {"flannel:v99999999999999999999.1.1", true, ""},
      {"flannel@sha256:0123", true, ""},
      {"flannel:v0.28.4@sha256:0123", true, "0.28.4"},
      {"rancher/mirrored-flannel-io-flannel:v0.25.1", true, "0.25.1"},
      {"rancher/coreos-flannel:v0.15.1", true, "0.15.1"},
      {"quay.io/coreos/flannel-arm64:v0.11.0", true, "0.11.0"},
      {"ghcr.io/flannel-io/flannel-cni-plugin:v1.9.0", false, "1.9.0"},
      {"example.com/flannel-exporter:v1.0.0", false, "1.0.0"},
      {"example.com/node-flannel-annotator:v1.0.0", false, "1.0.0"},
      {"example.com/awaiter-flannel:v1.0.0", false, "1.0.0"},
      {"calico/flannel-migration-controller:v3.31.0", false, "3.31.0"},
      {"example.com/flannel/node:v1.0.0", false, "1.0.0"},
      {"quay.io/calico/node:v3.31.0", false, "3.31.0"},
      {"", false, ""},
      {"/:@", false, ""},
  }));
  CAPTURE(image);
  CHECK(flannel::is_flannel_image(image) == flannel);
  CHECK(flannel::image_version(image) == version);
}
