#!/usr/bin/env bash
# Builds everything and runs every test; the last line says how many passed and failed.
set -euo pipefail

usage() {
  cat <<'U'
usage: test/run.sh [--fast] [--no-sanitizers] [--no-lab] [--no-cluster] [--help]

  --no-sanitizers  everything but the two sanitizer builds
  --no-lab         everything but the lab of real kubelets
  --no-cluster     everything but what needs a control plane: no test cluster, no lab
  --fast           only style, unit and scenario tests: no misbehaving peer, no network namespaces, no test cluster, no lab,
                   no sanitizers, no clang-tidy

Stages: dependencies, style, build, unit and scenario tests, misbehaving peer, release build, clang-tidy, test cluster and lab
(built from Go modules, cached), the agent in network namespaces, cluster tests, the lab of real kubelets; the unit and scenario
tests again with AddressSanitizer + UBSan and with ThreadSanitizer (beside the other stages, at low priority; their logs are in
build/logs).
Namespaces and lab need root; where they cannot run they are skipped, with the reason.
A stage that fails does not keep later ones from running, unless these need it.
U
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
logs=$root/build/logs
passed=0 failed=0 skipped=0
summary=()

# Another checkout of the same sources finds what this one has compiled.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=true
# Precompiled headers are cached only so.
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1"

# stage NAME COMMAND...: runs it, and keeps its result and seconds for the summary. A failed stage other than a ctest run, which
# counts its own tests, is one failure.
stage() {
  local name=$1 begin=$SECONDS result=ok before=$failed
  shift
  printf '\n== %s\n' "$name"
  "$@" || { result=FAILED; [ "$failed" -gt "$before" ] || failed=$((failed + 1)); }
  summary+=("$(printf '%-28s %-7s %5d s' "$name" "$result" $((SECONDS - begin)))")
  [ "$result" = ok ]
}

configure() {
  cmake --preset "$1" -D FM_BUILD_TESTS=ON >"$logs/configure-$1.log" 2>&1 || { cat "$logs/configure-$1.log"; return 1; }
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  configure "$preset" || return
  cmake --build --preset "$preset" -j "$(nproc)" ${1:+--target "$@"}
}

# attribute NAME FILE: of the first element of a JUnit file that has it.
attribute() {
  grep -om1 "\b$1=\"[0-9]*\"" "$2" | tr -dc 0-9
}

# make_report NAME PRESET TIMEOUT CTEST-ARGUMENTS...: what count_report NAME counts.
make_report() {
  local name=$1 preset=$2 limit=$3
  shift 3
  rm -f "$logs/$name.xml"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --timeout "$limit" --output-junit "$logs/$name.xml" "$@" || true
}

# count_report NAME: fails when a test did, or when there is no report.
count_report() {
  local report=$logs/$1.xml all bad omitted
  [ -s "$report" ] || return 1
  all=$(attribute tests "$report") bad=$(attribute failures "$report")
  omitted=$(grep -c '<skipped message="SKIP_RETURN_CODE' "$report" || true)
  # The others that were not run: their program is missing.
  bad=$((bad + $(attribute skipped "$report") - omitted))
  failed=$((failed + bad)) skipped=$((skipped + omitted)) passed=$((passed + all - bad - omitted))
  [ "$bad" -eq 0 ] && [ "$all" -gt 0 ]
}

# run_tests: make_report's arguments.
run_tests() {
  make_report "$@"
  count_report "$1"
}

# What the image carries.
build_release() {
  build release flannel-migration-operator flannel-migration-agent
}

tidy() {
  cmake -D "BUILD=$root/build/dev" -P test/style/check_tidy.cmake
}

# Cluster and lab wait more than they compute: the sanitizers take what these leave of the cores. In a process group of their own,
# so that they end with this script.
begin_sanitizers() {
  set -m
  (
    renice -n 19 "$BASHPID" >/dev/null
    rm -f "$logs"/{asan,tsan}.xml
    for preset in asan tsan; do
      sanitize "$preset" >"$logs/$preset.log" 2>&1
    done
  ) &
  set +m
  sanitizers_pid=$!
  trap 'kill -- "-$sanitizers_pid" 2>/dev/null || true' EXIT
}

# sanitize PRESET
sanitize() {
  local begin=$SECONDS
  build "$1" unit_tests scenario_tests || return
  echo "built in $((SECONDS - begin)) s"
  # The lab may leave them next to nothing of the cores for half an hour.
  make_report "$1" "$1" 3600 -j "$(nproc)" -L '^(unit|scenario)$' -LE integration
}

# count_sanitizer PRESET: its whole log where it failed.
count_sanitizer() {
  if count_report "$1"; then
    grep -E '^(built in|Total Test time|100% tests)' "$logs/$1.log"
  else
    cat "$logs/$1.log"
    return 1
  fi
}

# What failed in them is counted afterwards.
end_sanitizers() {
  wait "$sanitizers_pid" || true
}

dependencies() {
  # Without them, or without root, the tests of the lab say why they are skipped.
  local -a more=(--lab)
  [ "$lab" = yes ] && [ "$(id -u)" -eq 0 ] || more=()
  deploy/install-dependencies.sh "${more[@]}"
}

build_test_programs() {
  if [ "$(id -u)" -eq 0 ]; then test/lab/build; else test/cluster/build; fi
}

finish() {
  printf '\n== summary\n'
  printf '%s\n' "${summary[@]}"
  echo "whole run: $SECONDS s; skipped tests: $skipped"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}

fast=no cluster=yes lab=yes sanitizers=yes
for option in "$@"; do
  case $option in
    --fast) fast=yes cluster=no lab=no sanitizers=no ;;
    --no-sanitizers) sanitizers=no ;;
    --no-lab) lab=no ;;
    --no-cluster) cluster=no lab=no ;;
    --help | -h) usage; exit 0 ;;
    *) printf 'test/run.sh: unknown option %s\n\n' "$option" >&2; usage >&2; exit 2 ;;
  esac
done
mkdir -p "$logs"

stage dependencies dependencies || { finish; exit 1; }
stage configure configure dev || { finish; exit 1; }
stage style run_tests style dev 300 -L style || true
stage "build dev" build dev || { finish; exit 1; }
[ "$sanitizers" = no ] || begin_sanitizers
stage "unit, scenario" run_tests fast dev 900 -j "$(nproc)" -L '^(unit|scenario)$' || true
if [ "$fast" = no ]; then
  stage "misbehaving peer" run_tests peer dev 900 -j "$(nproc)" -L '^peer$' || true
  stage "build release" build_release || true
  stage clang-tidy tidy || true
fi
built=no
if [ "$cluster" = yes ] && stage "build test programs" build_test_programs; then built=yes; fi
# One of them wants flannel's program.
[ "$fast" = yes ] || stage "network namespaces" run_tests netns dev 600 -L '^root$' || true
if [ "$built" = yes ]; then
  stage cluster run_tests cluster dev 1800 -L cluster || true
  # As many at a time as there are lanes (test/lab/CMakeLists.txt).
  [ "$lab" = no ] || stage lab run_tests lab dev 1800 -j 2 -L lab || true
fi
if [ "$sanitizers" = yes ]; then
  stage "rest of sanitizers" end_sanitizers
  for preset in asan tsan; do
    stage "unit, scenario $preset" count_sanitizer "$preset" || true
  done
fi
finish
