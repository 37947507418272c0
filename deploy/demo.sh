#!/usr/bin/env bash
# Migrates a simulated flannel cluster to Calico on a real control plane of its own, and shows it.
set -euo pipefail

usage() {
  cat <<'U'
usage: deploy/demo.sh [--revert] [--nodes N] [--keep] [--help]
       deploy/demo.sh --lab [--revert] [--keep]

  --lab      three real kubelets with real flannel in place of simulated nodes, with traffic on every path (as root)
  --revert   afterwards back to flannel: spec.target is set to Flannel
  --nodes N  size of the cluster, 3 of them control-plane nodes (default 8)
  --keep     leave the cluster and the operator running, and say how to use and end them

Installs Debian packages (as root), builds the operator and, the first time, the control plane from Go modules (about
8 minutes). Exit code 0 when the migration reached its end within 10 minutes.

FM_OPERATOR=FILE   use this operator program and build none (not with --lab)
U
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cluster=$root/test/cluster
namespace=flannel-migration
migration=to-calico
down=$cluster/down
# shellcheck source=demo-lib.sh
. "$root/deploy/demo-lib.sh"

# wrong WORDS: about the command line.
wrong() {
  echo "demo.sh: $*; see --help" >&2
  exit 2
}

parse_arguments() {
  nodes=8 go_back=no
  while [ $# -gt 0 ]; do
    case $1 in
      --lab) exec "$root/deploy/demo-lab.sh" "${@:2}" ;;
      --revert) go_back=yes ;;
      --keep) keep=yes ;;
      --nodes) [ $# -gt 1 ] || wrong "--nodes needs a number"; nodes=$2; shift ;;
      --help | -h) usage; exit 0 ;;
      *) wrong "unknown option $1" ;;
    esac
    shift
  done
  [[ $nodes =~ ^[1-9][0-9]*$ ]] || wrong "--nodes is a number from 1, not '$nodes'"
}

build_operator() {
  operator=${FM_OPERATOR:-}
  if [ -n "$operator" ]; then
    [ -x "$operator" ] || die "FM_OPERATOR=$operator is not a program"
    return
  fi
  say "building the operator"
  build_preset release flannel-migration-operator
  operator=$root/build/release/operator/controller/flannel-migration-operator
}

start_cluster() {
  say "building the control plane, where that was not done before"
  bin=$("$cluster/build" | tail -n 1)
  dir=$(mktemp -d "${TMPDIR:-/tmp}/flannel-migration-demo.XXXXXX")
  say "starting the control plane, with $nodes nodes on flannel, and installing Calico beside it"
  "$cluster/up" "$dir" >/dev/null
  export KUBECONFIG=$dir/kubeconfig KUBECACHEDIR=$dir/run/kubectl-cache PATH=$PATH:$bin
  "$cluster/install-calico" "$dir"
  "$cluster/make-flannel" "$dir" --nodes "$nodes" --control-plane $((nodes > 3 ? 3 : nodes)) --pods-per-node 5
  kubectl -n kube-flannel rollout status daemonset/kube-flannel-ds --timeout 120s >/dev/null
}

start_operator() {
  say "starting the operator as its ServiceAccount"
  "$cluster/token-kubeconfig" "$dir" "$namespace" flannel-migration-operator >"$dir/operator.kubeconfig"
  "$operator" run --kubeconfig "$dir/operator.kubeconfig" --namespace "$namespace" \
    --agent-image flannel-migration:0.1.0 --listen "" 2>"$dir/operator.log" &
  operator_pid=$!
  ready=yes
}

show_node() {
  local node
  node=$(kubectl get nodes -o name | sed 's|node/||' | sort | tail -n 1)
  say "Calico's IPAM objects of node $node (simulated kubelets run no CNI plugin: only its tunnel has an address of them)"
  kubectl get node "$node" -o json | jq -c '.metadata.annotations | with_entries(select(.key | startswith("projectcalico.org/")))'
  kubectl get blockaffinities.crd.projectcalico.org -o json \
    | jq -c --arg node "$node" '.items[] | select(.spec.node == $node) | {BlockAffinity: .metadata.name, spec}'
  kubectl get ipamblocks.crd.projectcalico.org -o json \
    | jq -c --arg node "host:$node" '.items[] | select(.spec.affinity == $node) | {IPAMBlock: .metadata.name, allocated:
      [.spec.allocations | to_entries[] | select(.value != null) | .key], unallocated: (.spec.unallocated | length),
      attributes: .spec.attributes, strictAffinity: .spec.strictAffinity}'
  kubectl get ipamhandles.crd.projectcalico.org -o json \
    | jq -c --arg node "$node" '.items[] | select(.metadata.name | endswith("-" + $node)) | {IPAMHandle: .metadata.name, spec}'
}

parse_arguments "$@"
end_with_us
"$root/deploy/install-dependencies.sh"
build_operator
start_cluster
install_product
start_operator

operator_runs() {
  kill -0 "$operator_pid" 2>/dev/null || die "the operator ended: $(tail -n 3 "$dir/operator.log")"
}

say "applying deploy/samples/minimal.yaml"
kubectl apply -f "$root/deploy/samples/minimal.yaml"
watch_until Completed
show_node
if [ "$go_back" = yes ]; then
  revert
  watch_until Reverted
fi
