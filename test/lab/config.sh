# Configuration files of a node's programs, the same for all nodes of a lab (sourced by `up`).

write_containerd_config() {
  cat >"$dir/run/containerd.toml" <<T
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.internal.v1.opt",
  "io.containerd.tracing.processor.v1.otlp"]

[grpc]
  address = "/run/containerd/containerd.sock"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:$PAUSE_VERSION"
  # Without CAP_SYS_RESOURCE, as in a sandbox, runc may not lower it, and would end.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
T
}

write_kubelet_config() {
  cat >"$dir/run/kubelet.yaml" <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: false}
  x509: {clientCAFile: "$dir/pki/ca.crt"}
authorization: {mode: AlwaysAllow}
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: []
resolvConf: ""
clusterDomain: cluster.local
nodeStatusUpdateFrequency: 4s
# Three nodes share one disk, which may be nearly full: a lab has nothing to evict for.
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, nodefs.inodesFree: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
maxPods: 60
Y
}

write_proxy_config() {
  cat >"$dir/run/kube-proxy.yaml" <<Y
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: $cluster_cidr
clientConnection: {kubeconfig: "$dir/pki/kube-proxy.kubeconfig"}
# These belong to the whole machine: 0 leaves them alone.
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
Y
}

# make_account FILE SUBJECT: a certificate and a kubeconfig of a program of the nodes.
make_account() {
  make_certificate "$1" "$2" "DNS:$1"
  write_kubeconfig "{client-certificate: \"$dir/pki/$1.crt\", client-key: \"$dir/pki/$1.key\"}" >"$dir/pki/$1.kubeconfig"
}

write_node_files() {
  local name
  write_containerd_config
  write_kubelet_config
  write_proxy_config
  make_account kube-proxy /CN=system:kube-proxy
  for name in $nodes; do
    make_account "$name" "/O=system:nodes/CN=system:node:$name"
  done
}
