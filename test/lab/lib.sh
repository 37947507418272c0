# Shared by the scripts of the lab (sourced): names, what this machine must have, how a command runs in a node.
# What the two kinds of test cluster have in common is test/cluster's.

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../cluster/lib.sh
. "$lab/../cluster/lib.sh"
# shellcheck source=versions.env
. "$lab/versions.env"

# The node's own part of each cgroup v1 hierarchy is the root of its cgroup namespace.
hierarchies=(cpu cpuacct cpuset memory devices freezer blkio pids systemd)

# why_not: prints the first reason why no lab can run on this machine, if there is one.
why_not() {
  local hierarchy program
  [ "$(id -u)" -eq 0 ] || { echo "not root"; return; }
  for hierarchy in "${hierarchies[@]}"; do
    [ "$(stat -f -c %T "/sys/fs/cgroup/$hierarchy" 2>/dev/null)" = cgroupfs ] \
      || { echo "no cgroup v1 hierarchy $hierarchy (cgroup v2 was not tried)"; return; }
  done
  for program in containerd runc ctr iptables conntrack busybox ping ip nsenter unshare openssl jq go; do
    command -v "$program" >/dev/null || { echo "$program is not installed (deploy/install-dependencies.sh --lab)"; return; }
  done
}

# use_lab DIR: an existing lab; as use_cluster, and $bridge and $nodes.
use_lab() {
  use_cluster "$1"
  [ -n "${bridge:-}" ] || die "$1 is a test cluster without kubelets"
}

cgroup_of() {
  echo "/sys/fs/cgroup/$1/$bridge/$2"
}

# in_node NAME COMMAND...: runs it in the node's cgroups and namespaces.
in_node() {
  local name=$1 hierarchy
  shift
  (
    # nsenter changes what a process sees, not where it is accounted.
    for hierarchy in "${hierarchies[@]}"; do
      echo "$BASHPID" >"$(cgroup_of "$hierarchy" "$name")/cgroup.procs"
    done
    exec nsenter --target "$(<"$dir/nodes/$name/pid")" --all -- "$@"
  )
}
