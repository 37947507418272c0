# One image for both programs. The operator runs as the user below; an agent pod asks for root, as it works on the node's network.
#   docker build -t flannel-migration:0.1.0 .
ARG DEBIAN=bookworm-slim

FROM debian:${DEBIAN} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# Debian's stable release is the pin: versions of its packages change for security only.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      cmake g++ libboost1.81-dev libcli11-dev libcpp-httplib-dev libexpected-dev libfmt-dev \
      libip4tc-dev libip6tc-dev libmnl-dev libnftnl-dev libspdlog-dev \
      libssl-dev libyaml-cpp-dev ninja-build pkgconf prometheus-cpp-dev rapidjson-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json LICENSE ./
COPY pkg pkg
COPY operator operator
RUN cmake --preset release \
 && cmake --build --preset release \
 && cmake --install build/release --prefix /image/usr --strip \
 && test -x /image/usr/bin/flannel-migration-operator \
 && test -x /image/usr/bin/flannel-migration-agent
# What the programs load, at the paths where the loader looks, and the licences of the packages that it comes from.
RUN ldd /image/usr/bin/* | awk '$2 == "=>" {print $3} $1 ~ "^/.*ld-linux" {print $1}' | sort -u >/libraries \
 && xargs -a /libraries cp --dereference --parents --target-directory=/image \
 && while read -r library; do dpkg -S "$library" 2>/dev/null || dpkg -S "/usr$library"; done </libraries | cut -d: -f1 | sort -u \
    | while read -r package; do cp --parents "/usr/share/doc/$package/copyright" /image; done \
 && install -D -m 0644 LICENSE /image/usr/share/doc/flannel-migration/copyright \
 && mkdir -p /image/etc \
 && printf 'root:x:0:0::/:\nnonroot:x:65532:65532::/:\n' >/image/etc/passwd \
 && printf 'root:x:0:\nnonroot:x:65532:\n' >/image/etc/group

# Nothing else: no shell, no package manager.
FROM scratch
LABEL org.opencontainers.image.title="flannel-migration" \
      org.opencontainers.image.description="Moves a cluster's pod network from flannel or Canal to Calico, and back" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
USER 65532:65532
ENTRYPOINT ["/usr/bin/flannel-migration-operator"]
CMD ["--help"]
