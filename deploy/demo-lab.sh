#!/usr/bin/env bash
# `demo.sh --lab`: migrates three real kubelets with real flannel, with pings and TCP on every path, and says what was lost.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
lab=$root/test/lab
down=$lab/down
migration=to-calico
# shellcheck source=demo-lib.sh
. "$root/deploy/demo-lib.sh"

parse_arguments() {
  go_back=no
  while [ $# -gt 0 ]; do
    case $1 in
      --revert) go_back=yes ;;
      --keep) keep=yes ;;
      --help | -h) exec "$root/deploy/demo.sh" --help ;;
      *) echo "demo.sh --lab: unknown option $1; see --help" >&2; exit 2 ;;
    esac
    shift
  done
}

operator_runs() {
  # Kubernetes starts it again.
  true
}

build_programs() {
  say "building operator, agent and the stand-in for Calico, and flannel, kubelet and control plane where that was not done before"
  build_preset dev flannel-migration-operator flannel-migration-agent calico_stand_in
  operator=$root/build/dev/operator/controller/flannel-migration-operator
  bin=$("$lab/build" | tail -n 1)
}

start_lab() {
  local built=$root/build/dev
  dir=$(mktemp -d "${TMPDIR:-/tmp}/flannel-migration-lab.XXXXXX")
  say "starting three kubelets with flannel"
  "$lab/up" "$dir" >/dev/null
  export KUBECONFIG=$dir/kubeconfig KUBECACHEDIR=$dir/run/kubectl-cache PATH=$PATH:$bin
  "$lab/make-program-images" "$dir/images" --stand-in "$built/test/lab/calico_stand_in" \
    --product "$operator" "$built/operator/agent/flannel-migration-agent"
  "$lab/load" "$dir" "$dir/images"
  kubectl apply -f "$lab/calico-rbac.yaml" -f "$lab/workloads.yaml" >/dev/null
  "$root/test/cluster/install-calico" "$dir"
  kubectl rollout status --timeout 120s daemonset/peer >/dev/null
  kubectl get nodes -o wide
}

start_operator() {
  say "starting the operator as pods"
  kubectl apply -f "$root/deploy/manifests/40-deployment.yaml" -f "$root/deploy/manifests/50-poddisruptionbudget.yaml"
  kubectl -n flannel-migration rollout status --timeout 120s deployment/flannel-migration-operator
  ready=yes
}

start_traffic() {
  say "pings every 20 ms and TCP between the pods of every pair of nodes, and to a Service"
  rm -f "$dir/traffic.log"
  "$lab/traffic" "$dir" >"$dir/traffic.log" 2>&1 &
  traffic_pid=$!
  until grep -q "traffic on" "$dir/traffic.log"; do
    kill -0 "$traffic_pid" 2>/dev/null || die "no traffic: $(tail -n 3 "$dir/traffic.log")"
    sleep 0.2
  done
}

end_traffic() {
  kill -INT "$traffic_pid"
  wait "$traffic_pid"
  traffic_pid=""
  tail -n +2 "$dir/traffic.log"
}

show_node() {
  echo "\$ ip -brief link; ip route      # on n1"
  "$lab/enter" "$dir" n1 sh -c 'ip -brief link; ip route'
}

parse_arguments "$@"
end_with_us
reason=$("$root/deploy/install-dependencies.sh" --lab && "$lab/can-run") || die "no lab here: $reason"
build_programs
start_lab
install_product
start_operator
show_node
start_traffic
say "applying deploy/samples/minimal.yaml"
kubectl apply -f "$root/deploy/samples/minimal.yaml"
watch_until Completed
end_traffic
show_node
if [ "$go_back" = yes ]; then
  start_traffic
  revert
  watch_until Reverted
  end_traffic
  show_node
fi
