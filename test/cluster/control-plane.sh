# The control plane's processes (sourced by `up`, here and in test/lab): etcd, kube-apiserver, kube-controller-manager and
# kube-scheduler. Needs lib.sh; $dir, $bin and $address (the API server's) are set by the caller.

# Below the kernel's ephemeral range, so that no outgoing connection takes a port between here and its use.
free_ports() {
  python3 - "$1" <<'P'
import random, socket, sys
ports = set()
while len(ports) < int(sys.argv[1]):
    port = random.randrange(20000, 32000)
    try:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with socket.socket(family) as probe:
                probe.bind((address, port))
    except OSError as error:
        if error.errno == 98:
            continue
    ports.add(port)
print(*ports)
P
}

# Fresh folders; `down` of the caller's folder ends what ran there before.
prepare_folder() {
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  if [ -s "$dir/run/processes" ]; then
    "$(dirname "${BASH_SOURCE[1]}")/down" "$dir"
  fi
  rm -rf "$dir/etcd" "$dir/pki" "$dir/logs" "$dir/run" "$dir/audit.log"
  mkdir -p "$dir/pki" "$dir/logs" "$dir/run"
  chmod 700 "$dir/pki"
  : >"$dir/run/processes"
}

write_settings() {
  local host=$address
  [[ $address != *:* ]] || host="[$address]"
  read -r api_port etcd_port etcd_peer_port kcm_port scheduler_port kwok_port <<<"$(free_ports 6)"
  server=https://$host:$api_port
  printf '%s=%q\n' dir "$dir" bin "$bin" server "$server" >"$dir/cluster.env"
}

start_etcd() {
  local client=http://127.0.0.1:$etcd_port peer=http://127.0.0.1:$etcd_peer_port
  run etcd "$bin/etcd" --data-dir "$dir/etcd" --unsafe-no-fsync --log-level warn --quota-backend-bytes 4294967296 \
    --listen-client-urls "$client" --advertise-client-urls "$client" --listen-peer-urls "$peer" \
    --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer"
}

# start_apiserver SERVICE-RANGE [FLAG...]
start_apiserver() {
  local services=$1
  shift
  run kube-apiserver "$bin/kube-apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" \
    --bind-address "$address" --advertise-address "$address" --secure-port "$api_port" \
    --tls-cert-file "$dir/pki/server.crt" --tls-private-key-file "$dir/pki/server.key" --cert-dir "$dir/pki" \
    --client-ca-file "$dir/pki/ca.crt" --authorization-mode Node,RBAC --allow-privileged=true \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$dir/pki/sa.pub" \
    --service-account-signing-key-file "$dir/pki/sa.key" --service-cluster-ip-range "$services" \
    --max-requests-inflight 2000 --max-mutating-requests-inflight 1000 "$@"
}

# Of a thousand nodes the scheduler looks at a hundred that fit, not at half of them.
write_scheduler_config() {
  cat >"$dir/run/kube-scheduler.yaml" <<Y
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection: {kubeconfig: "$dir/pki/kube-scheduler.kubeconfig", qps: 2000, burst: 4000}
leaderElection: {leaderElect: false}
percentageOfNodesToScore: 5
Y
}

# start_controllers [FLAG...]: the flags are kube-controller-manager's. A sync of a DaemonSet looks at every node: one at a time
# takes more changes at once than two, and leaves the other core to the rest of the cluster.
start_controllers() {
  run kube-controller-manager "$bin/kube-controller-manager" --kubeconfig "$dir/pki/kube-controller-manager.kubeconfig" \
    --service-account-private-key-file "$dir/pki/sa.key" --root-ca-file "$dir/pki/ca.crt" --leader-elect=false \
    --kube-api-qps 2000 --kube-api-burst 4000 --bind-address 127.0.0.1 --secure-port "$kcm_port" --cert-dir "$dir/pki" \
    --concurrent-daemonset-syncs 1 "$@"
  write_scheduler_config
  run kube-scheduler "$bin/kube-scheduler" --config "$dir/run/kube-scheduler.yaml" --bind-address 127.0.0.1 \
    --secure-port "$scheduler_port" --cert-dir "$dir/pki"
}

# Pods are refused until the namespace's ServiceAccount exists.
await_default_account() {
  until kubectl get serviceaccount default >/dev/null 2>&1; do
    check_alive
    sleep 0.1
  done
}
