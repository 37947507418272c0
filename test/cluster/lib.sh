# Shared by the scripts of the test cluster (sourced): where things are, how processes are started and stopped.
# A process is recorded as "NAME PID START" with its kernel start time, so that a recycled pid is never killed.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=versions.env
. "$here/versions.env"

die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# end_on_failure DOWN: where the script fails or is interrupted, what it has started is ended by that one.
end_on_failure() {
  end_script=$1
  trap 'end_unless_done $?' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

end_unless_done() {
  [ "$1" -ne 0 ] || return 0
  # Not kept from it by an impatient second ^C.
  trap '' INT TERM
  "$end_script" "$dir"
}

# A cache of its own: ports are used again, and kubectl would believe another cluster's list of resources.
point_kubectl() {
  export KUBECONFIG=$dir/kubeconfig KUBECACHEDIR=$dir/run/kubectl-cache PATH=$PATH:$bin
}

# use_cluster DIR: an existing cluster; sets $dir, $bin, $server, and kubectl's target.
use_cluster() {
  [ -f "$1/cluster.env" ] || die "$1 is not a running test cluster (start one with: ${BASH_SOURCE[-1]%/*}/up $1)"
  dir=$(cd "$1" && pwd)
  # shellcheck source=/dev/null
  . "$dir/cluster.env"
  point_kubectl
}

# Field 22 of /proc/PID/stat; the program's name (field 2) may hold blanks, so count from its closing bracket.
start_time() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  [ "$1" != Z ] && echo "${20}"
}

is_running() {
  [ "$(start_time "$1" || true)" = "$2" ]
}

# launch NAME: starts the command line kept in DIR/run/NAME.command, detached, and records it.
launch() {
  local name=$1 pid
  local -a command
  mapfile -d '' -t command <"$dir/run/$name.command"
  nohup setsid "${command[@]}" >>"$dir/logs/$name.log" 2>&1 </dev/null &
  pid=$!
  echo "$name $pid $(start_time "$pid")" >>"$dir/run/processes"
}

# run NAME COMMAND...: the command line is kept, because a restart must use the same ports and flags.
run() {
  local name=$1
  shift
  printf '%s\0' "$@" >"$dir/run/$name.command"
  launch "$name"
}

await_end() {
  local pid=$1 start=$2 tenths=$3
  while is_running "$pid" "$start"; do
    [ "$tenths" -gt 0 ] || return 1
    tenths=$((tenths - 1))
    sleep 0.1
  done
}

# stop NAME SECONDS: ends one recorded process, by force after SECONDS, and waits for its end.
stop() {
  local recorded pid start
  recorded=$(grep "^$1 " "$dir/run/processes") || return 0
  read -r _ pid start <<<"$recorded"
  if is_running "$pid" "$start"; then
    kill "$pid" 2>/dev/null || true
    await_end "$pid" "$start" $(($2 * 10)) || { kill -9 "$pid" 2>/dev/null || true; await_end "$pid" "$start" 50; }
  fi
  sed -i "/^$1 /d" "$dir/run/processes"
}

check_alive() {
  local name pid start
  while read -r name pid start; do
    is_running "$pid" "$start" || die "$name ended early: $(tail -n 3 "$dir/logs/$name.log")"
  done <"$dir/run/processes"
}

# await_ready SECONDS: until the API server says that it is ready.
await_ready() {
  local deadline=$((SECONDS + $1))
  until kubectl get --raw /readyz >/dev/null 2>&1; do
    check_alive
    [ "$SECONDS" -lt "$deadline" ] || die "the API server was not ready after $1 s: see $dir/logs"
    sleep 0.1
  done
}

# await SECONDS WHAT COMMAND...: until the command succeeds.
await() {
  local seconds=$1 what=$2 deadline=$((SECONDS + $1))
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || die "after $seconds s still not: $what"
    sleep 0.1
  done
}

# await_crds CRD...: kubectl wait itself fails on one that has no conditions yet.
await_crds() {
  await 60 "CRDs established: $*" kubectl wait --for=condition=Established --timeout=30s "$@"
}

# touch_stages STAMP: for kwok, another version of the list of stages.
touch_stages() {
  kubectl annotate --overwrite stage pod-ready node-initialize "test-cluster/reconsider=$1" >/dev/null
}
