# Shared by the demonstrations (sourced): how things are said, how a migration is watched, and how everything ends.
# The caller sets $migration, $down (the script that ends the cluster in $dir), $dir and $bin when they are there, $operator (the
# program) and $keep, sets $ready to yes when there is something to keep, and defines operator_runs, which fails with a word when the
# operator has ended.

limit=600
dir="" bin="" operator="" keep=no ready=no
# What runs beside us.
watch_pid="" traffic_pid="" operator_pid=""
# Of a row: what the terminal shows; all of it where nobody has to read it at once.
columns=""
[ ! -t 1 ] || columns=$(($(tput cols 2>/dev/null || echo 200) - 8))

die() {
  echo "demo.sh: $*" >&2
  exit 1
}

say() {
  printf '\n== %s\n' "$*"
}

# build_preset PRESET TARGET...: two demos of one checkout take turns.
build_preset() {
  mkdir -p "$root/build"
  (
    flock 9
    cd "$root" && cmake --preset "$1" >/dev/null && cmake --build --preset "$1" -j "$(nproc)" --target "${@:2}"
  ) 9>"$root/build/.lock"
}

# end_process PID [SIGNAL]: and waits for it.
end_process() {
  [ -n "$1" ] || return 0
  kill "-${2:-TERM}" "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

explain_keep() {
  say "still running"
  cat <<K
export KUBECONFIG=$dir/kubeconfig KUBECACHEDIR=$dir/run/kubectl-cache PATH=\$PATH:$bin
kubectl get flannelmigration -w
$operator plan -f $root/deploy/samples/minimal.yaml
${operator_pid:+kill $operator_pid; }$down $dir; rm -r $dir      # the end
K
}

end_cluster() {
  [ -n "$dir" ] || return 0
  say "ending the cluster"
  "$down" "$dir"
  if [ "$1" -eq 0 ]; then
    rm -rf "$dir"
  else
    echo "logs are in $dir" >&2
  fi
}

# On EXIT.
clean_up() {
  local code=$?
  # An impatient second ^C must not keep it from ending what it started.
  trap - EXIT
  trap '' INT TERM
  end_process "$watch_pid"
  end_process "$traffic_pid" INT
  if [ "$keep" = yes ] && [ "$ready" = yes ]; then
    explain_keep
  else
    end_process "$operator_pid"
    end_cluster "$code"
  fi
  exit "$code"
}

# Whatever way we end.
end_with_us() {
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

install_product() {
  local manifest
  say "installing the CRD, the operator's accounts and its RBAC"
  kubectl apply --server-side -f "$root/crds/flannelmigrations.yaml"
  # All but the Deployment and its disruption budget.
  for manifest in "$root"/deploy/manifests/[0-3]*.yaml; do
    kubectl apply -f "$manifest"
  done
  # Not by `kubectl wait`: it gives up on a CRD that has no conditions yet.
  until kubectl get flannelmigrations >/dev/null 2>&1; do
    rm -rf "$KUBECACHEDIR"
    sleep 0.2
  done
}

# read_row: sets $row, to nothing where no whole one came for a while: without an operator there are none. Fails at the end.
read_row() {
  local code=0 piece=""
  IFS= read -r -t 2 piece || code=$?
  operator_runs
  row=$begun_row$piece begun_row=""
  if [ "$code" -gt 128 ]; then
    begun_row=$row row=""
    return 0
  fi
  return "$code"
}

# watch_until PHASE: shows the rows of kubectl as they change, until the phase is there; says how long that took.
# A row that differs from the last in its times alone is not shown.
watch_until() {
  local wanted=$1 row begun_row="" news shown="" phase begin=$SECONDS reached=no
  rm -f "$dir/rows"
  mkfifo "$dir/rows"
  echo "\$ kubectl get flannelmigration -w"
  timeout "$limit" kubectl get flannelmigration "$migration" -w >"$dir/rows" 2>>"$dir/watch.log" &
  watch_pid=$!
  while read_row; do
    [ -n "$row" ] || continue
    news=$(sed -E 's/ ([0-9]+[hms])+( |$)/ /g; s/ +/ /g' <<<"$row")
    if [ "$news" != "$shown" ]; then
      printf '%5ss  %s\n' $((SECONDS - begin)) "$(cut -c "1-$columns" <<<"$row")"
      shown=$news
    fi
    phase=$(awk '{print $2}' <<<"$row")
    [ "$phase" != "$wanted" ] || { reached=yes; break; }
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

revert() {
  say "back to flannel"
  echo "\$ kubectl patch flannelmigration $migration --type merge -p '{\"spec\":{\"target\":\"Flannel\"}}'"
  kubectl patch flannelmigration "$migration" --type merge -p '{"spec":{"target":"Flannel"}}'
}
