# Starting and ending the nodes of a lab (sourced by `up` and `down`). Node n3 of lab 0: 172.30.0.13 on bridge fm-lab0.

# take_number: the first lab number that is free on this machine. Making the bridge is what takes it.
take_number() {
  for number in {0..9}; do
    bridge=fm-lab$number
    ip link add "$bridge" type bridge 2>/dev/null && return
  done
  die "fm-lab0 to fm-lab9 are all there already: end one with test/lab/down DIR"
}

node_address() {
  echo "172.30.$number.$((10 + ${1#n}))"
}

node_address_v6() {
  echo "fd00:172:30:$number::$((10 + ${1#n}))"
}

# node_addresses NAME: as kubelet wants them.
node_addresses() {
  echo "$(node_address "$1")$([ "$dual_stack" = no ] || echo ",$(node_address_v6 "$1")")"
}

start_bridge() {
  ip addr add "$address/24" dev "$bridge"
  ip addr add "fd00:172:30:$number::1/64" dev "$bridge" nodad
  ip link set "$bridge" up
}

make_cgroups() {
  local hierarchy parent group file
  for hierarchy in "${hierarchies[@]}"; do
    group=$(cgroup_of "$hierarchy" "$1") parent=$(dirname "$(cgroup_of "$hierarchy" "$1")")
    mkdir -p "$parent" "$group"
    [ "$hierarchy" = cpuset ] || continue
    # A cpuset without processors takes no process.
    for file in cpuset.cpus cpuset.mems; do
      cat "/sys/fs/cgroup/cpuset/$file" >"$parent/$file"
      cat "$parent/$file" >"$group/$file"
    done
  done
}

# The node's pid 1, seen from here, is the only child of the process that was started.
find_init() {
  local outer
  outer=$(awk -v name="node-$1" '$1 == name {print $2}' "$dir/run/processes")
  awk '{print $1}' "/proc/$outer/task/$outer/children" >"$dir/nodes/$1/pid"
}

# node_mac NAME: a machine has the same one after it was off, and peers remember it.
node_mac() {
  printf '02:00:ac:1e:%02x:%02x' "$number" $((10 + ${1#n}))
}

plug_in() {
  local name=$1 init
  init=$(<"$dir/nodes/$name/pid")
  ip link add "$bridge-$name" type veth peer name eth0 address "$(node_mac "$name")" netns "$init"
  ip link set "$bridge-$name" master "$bridge" up
  in_node "$name" bash -euc '
    ip link set eth0 up
    ip addr add "$1/24" dev eth0
    ip addr add "$2/64" dev eth0 nodad
    ip route add default via "$3"
    ip -6 route add default via "$4"
    echo "$1 $5" >>/etc/hosts' _ \
    "$(node_address "$name")" "$(node_address_v6 "$name")" "$address" "fd00:172:30:$number::1" "$name"
}

# start_machine NAME: the node as a computer: namespaces, files, network; nothing runs on it.
start_machine() {
  local name=$1
  mkdir -p "$dir/nodes/$name"
  rm -f "$dir/nodes/$name/ready"
  make_cgroups "$name"
  run "node-$name" "$lab/node" "$dir" "$name"
  await 20 "node $name" test -e "$dir/nodes/$name/ready"
  find_init "$name"
  plug_in "$name"
}

# start_daemon NAME PROGRAM ARGUMENT...
start_daemon() {
  local name=$1 program=$2
  shift 2
  in_node "$name" setsid --fork "$lab/daemon" "$dir/nodes/$name/$(basename "$program").log" "$program" "$@"
}

start_containerd() {
  local name=$1 image
  cp "$bin/cni/"* "$dir/nodes/$name/cni-programs/bin/"
  # flannel's own init container brings its plugin.
  rm -f "$dir/nodes/$name/cni-programs/bin/flannel"
  start_daemon "$name" "$(command -v containerd)" --config "$dir/run/containerd.toml"
  await 30 "containerd of $name" in_node "$name" ctr version
  # Those of programs of this checkout are there when `load` was called.
  for image in "$images"/*.tar "$dir"/images/*.tar; do
    [ -e "$image" ] || continue
    in_node "$name" ctr --namespace k8s.io images import "$image" >/dev/null
  done
}

start_kubelet() {
  local name=$1
  start_daemon "$name" "$bin/kubelet" --config "$dir/run/kubelet.yaml" --kubeconfig "$dir/pki/$name.kubeconfig" \
    --hostname-override "$name" --node-ip "$(node_addresses "$name")" --root-dir /var/lib/kubelet --cert-dir /var/lib/kubelet/pki
  start_daemon "$name" "$bin/kube-proxy" --config "$dir/run/kube-proxy.yaml" --hostname-override "$name"
}

# power_off NAME: nothing of it runs any more, and its cgroups are empty, as after a boot: kubelet waits long for the
# containers of those that it finds.
power_off() {
  local name=$1 group hierarchy
  stop "node-$name" 0
  # The kernel takes its time with the namespace, and with the cable in it.
  ip link del "$bridge-$name" 2>/dev/null || true
  for hierarchy in "${hierarchies[@]}"; do
    group=$(cgroup_of "$hierarchy" "$name")
    # Processes that were killed leave their cgroup a little later.
    for _ in {1..50}; do
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [ -d "$group" ] || break
      sleep 0.1
    done
  done
}

# Each part may be missing already.
remove_node() {
  local name=$1 hierarchy
  for hierarchy in "${hierarchies[@]}"; do
    rmdir "$(dirname "$(cgroup_of "$hierarchy" "$name")")" 2>/dev/null || true
  done
  rm -rf "$dir/nodes/$name/"{containerd,kubelet}
}
