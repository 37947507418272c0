#!/usr/bin/env bash
# Migrates a simulated flannel cluster to Calico on a real control plane of its own, and shows it.
set -euo pipefail

usage() {
  cat <<'U'
usage: deploy/demo.sh [--revert] [--nodes N] [--keep] [--help]

  --revert   afterwards back to flannel: spec.target is set to Flannel
  --nodes N  size of the cluster, 3 of them control-plane nodes (default 8)
  --keep     leave the cluster and the operator running, and say how to use and end them

Installs Debian packages (as root), builds the operator and, the first time, the control plane from Go modules (about
8 minutes). Exit code 0 when the migration reached its end within 10 minutes.

FM_OPERATOR=FILE   use this operator program and build none
U
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cluster=$root/test/cluster
namespace=flannel-migration
migration=to-calico
limit=600
columns=200
operator_pid="" watch_pid="" dir=""

die() {
  echo "demo.sh: $*" >&2
  exit 1
}

say() {
  printf '\n== %s\n' "$*"
}

parse_arguments() {
  nodes=8 revert=no keep=no
  while [ $# -gt 0 ]; do
    case $1 in
      --revert) revert=yes ;;
      --keep) keep=yes ;;
      --nodes) nodes=${2:-}; shift ;;
      --help | -h) usage; exit 0 ;;
      *) usage >&2; exit 2 ;;
    esac
    shift
  done
  [[ $nodes =~ ^[1-9][0-9]*$ ]] || { usage >&2; exit 2; }
}

clean_up() {
  local code=$?
  trap - EXIT INT TERM
  [ -z "$watch_pid" ] || kill "$watch_pid" 2>/dev/null || true
  if [ "$keep" = yes ] && [ -n "$operator_pid" ]; then
    explain_keep
    exit "$code"
  fi
  if [ -n "$operator_pid" ]; then
    kill "$operator_pid" 2>/dev/null || true
    wait "$operator_pid" 2>/dev/null || true
  fi
  [ -z "$dir" ] || "$cluster/down" "$dir"
  if [ "$code" -eq 0 ]; then
    [ -z "$dir" ] || rm -rf "$dir"
  elif [ -n "$dir" ]; then
    echo "logs are in $dir" >&2
  fi
  exit "$code"
}

explain_keep() {
  say "still running"
  cat <<K
export KUBECONFIG=$dir/kubeconfig
kubectl get flannelmigration -w
kill $operator_pid; $cluster/down $dir; rm -r $dir      # the end
K
}

build_operator() {
  operator=${FM_OPERATOR:-}
  if [ -n "$operator" ]; then
    [ -x "$operator" ] || die "FM_OPERATOR=$operator is not a program"
    return
  fi
  say "building the operator"
  (cd "$root" && cmake --preset release >/dev/null \
    && cmake --build --preset release --target flannel-migration-operator -j "$(nproc)")
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

install_product() {
  local manifest
  say "installing the CRD, the operator's accounts and its RBAC"
  kubectl apply --server-side -f "$root/crds/flannelmigrations.yaml"
  kubectl wait --for=condition=Established --timeout=30s crd/flannelmigrations.cni-migration.io >/dev/null
  # All but the Deployment and its disruption budget: nothing here runs containers.
  for manifest in "$root"/deploy/manifests/[0-3]*.yaml; do
    kubectl apply -f "$manifest"
  done
  until kubectl get flannelmigrations >/dev/null 2>&1; do
    rm -rf "$KUBECACHEDIR"
    sleep 0.2
  done
}

start_operator() {
  say "starting the operator as its ServiceAccount"
  "$cluster/token-kubeconfig" "$dir" "$namespace" flannel-migration-operator >"$dir/operator.kubeconfig"
  "$operator" run --kubeconfig "$dir/operator.kubeconfig" --namespace "$namespace" \
    --agent-image flannel-migration:0.1.0 --listen "" 2>"$dir/operator.log" &
  operator_pid=$!
}

# watch_until PHASE WHAT: shows the rows of kubectl as they change, until the phase is there; says how long that took.
# A row that differs from the last in its times alone is not shown.
watch_until() {
  local wanted=$1 row news shown="" phase begin=$SECONDS reached=no
  rm -f "$dir/rows"
  mkfifo "$dir/rows"
  echo "\$ kubectl get flannelmigration -w"
  timeout "$limit" kubectl get flannelmigration "$migration" -w >"$dir/rows" 2>>"$dir/watch.log" &
  watch_pid=$!
  while IFS= read -r row; do
    news=$(sed -E 's/ ([0-9]+[hms])+( |$)/ /g; s/ +/ /g' <<<"$row")
    if [ "$news" != "$shown" ]; then
      printf '%5ss  %s\n' $((SECONDS - begin)) "$(cut -c "1-$columns" <<<"$row")"
      shown=$news
    fi
    phase=$(awk '{print $2}' <<<"$row")
    [ "$phase" != "$wanted" ] || { reached=yes; break; }
    kill -0 "$operator_pid" 2>/dev/null || die "the operator ended: $(tail -n 3 "$dir/operator.log")"
  done <"$dir/rows"
  kill "$watch_pid" 2>/dev/null || true
  wait "$watch_pid" 2>/dev/null || true
  watch_pid=""
  if [ "$reached" = no ]; then
    kubectl get flannelmigration "$migration" -o json | jq '.status | {phase, message, active, failed, conditions}' >&2
    die "not $wanted after $((SECONDS - begin)) s"
  fi
  say "$wanted after $((SECONDS - begin)) s"
}

show_node() {
  local node
  node=$(kubectl get nodes -o name | sed 's|node/||' | sort | tail -n 1)
  say "Calico's IPAM objects of node $node"
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
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"$root/deploy/install-dependencies.sh"
build_operator
start_cluster
install_product
start_operator

say "applying deploy/samples/minimal.yaml"
kubectl apply -f "$root/deploy/samples/minimal.yaml"
watch_until Completed
show_node
if [ "$revert" = yes ]; then
  say "back to flannel"
  echo "\$ kubectl patch flannelmigration $migration --type merge -p '{\"spec\":{\"target\":\"Flannel\"}}'"
  kubectl patch flannelmigration "$migration" --type merge -p '{"spec":{"target":"Flannel"}}'
  watch_until Reverted
fi
