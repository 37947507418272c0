#!/usr/bin/env bash
# Installs what building, testing and the demo need: Debian 12's packages (as root), and checks for Go.
# Says at once that nothing is missing when that is so.
# usage: deploy/install-dependencies.sh [--lab]      --lab: also what the cluster of real kubelets needs (test/lab), and Prometheus
set -euo pipefail

packages=(g++ cmake ninja-build ccache pkg-config libboost1.81-dev libcpp-httplib-dev rapidjson-dev libyaml-cpp-dev
  libfmt-dev libspdlog-dev libcli11-dev libexpected-dev prometheus-cpp-dev libssl-dev zlib1g-dev libcurl4-openssl-dev catch2
  libmnl-dev libnftnl-dev libip4tc-dev libip6tc-dev iproute2 iptables nftables ipset iputils-ping
  clang-format clang-tidy python3 openssl jq git ca-certificates)
lab_packages=(containerd runc iptables conntrack busybox-static iputils-ping iproute2 procps)
go_wanted=1.25
# Debian's Prometheus, for the tests of metrics and alerts: unpacked only, as its package would start a service.
monitoring=${FM_CACHE:-$HOME/.cache/flannel-migration}/monitoring

die() {
  echo "install-dependencies.sh: $*" >&2
  exit 1
}

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

install_packages() {
  local -a missing
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" -eq 0 ] || die "not root, and these packages are missing: ${missing[*]}"
  echo "installing ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q >&2
  apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

unpack_prometheus() {
  local folder
  [ -x "$monitoring/usr/bin/promtool" ] && return
  mkdir -p "$monitoring"
  folder=$(mktemp -d "$monitoring.XXXXXX")
  if (cd "$folder" && apt-get download -q prometheus >&2 && dpkg -x prometheus_*.deb .); then
    rm -rf "$monitoring"
    mv "$folder" "$monitoring"
  else
    rm -rf "$folder"
    echo "install-dependencies.sh: no Prometheus could be had: the tests of alerts will be skipped" >&2
  fi
}

check_go() {
  local version
  command -v go >/dev/null || die "Go $go_wanted or later is needed: see https://go.dev/dl"
  version=$(go env GOVERSION)
  version=${version#go}
  # sort -V puts the older one first.
  [ "$(printf '%s\n' "$go_wanted" "$version" | sort -V | head -n 1)" = "$go_wanted" ] \
    || die "Go $go_wanted or later is needed, found $version: see https://go.dev/dl"
}

case ${1:-} in
  "") ;;
  --lab) packages+=("${lab_packages[@]}") ;;
  *) die "usage: deploy/install-dependencies.sh [--lab]" ;;
esac
command -v dpkg-query >/dev/null || die "this is not Debian; install the counterparts of: ${packages[*]}"
install_packages
[ "${1:-}" != --lab ] || unpack_prometheus
check_go
