#!/usr/bin/env bash
# Builds everything and tests it; the last line says how many passed and failed.
set -euo pipefail

usage() {
  cat <<'U'
usage: test/run.sh [--full | --fast] [--no-sanitizers] [--no-lab] [--no-cluster] [--help]
       test/run.sh --times

  (none)           each part of the product in the cheapest test that shows it
  --full           every test, ThreadSanitizer and the release build too: before a release (test/README.md says what more it shows)
  --fast           only style, unit and scenario tests
  --no-sanitizers  without the sanitizers' builds
  --no-lab         without the lab of real kubelets
  --no-cluster     without anything that needs a control plane: no test cluster, no lab
  --times          runs nothing: where the time of the last run went, the slowest first

Stages: dependencies, style, build, unit and scenario tests, clang-tidy, test cluster and lab (built from Go modules, cached);
beside each other the agent in network namespaces, the operator beside a misbehaving peer, and tests on a real control plane;
the lab; unit and scenario tests with AddressSanitizer and UBSan (beside the other stages, at low priority; logs in build/logs).
Namespaces and lab need root; where they cannot run they are skipped, with the reason.
A stage that fails does not keep later ones from running, unless these need it.
U
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
logs=$root/build/logs
passed=0 failed=0 skipped=0
summary=()

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
  printf '%d\t%s\n' $((SECONDS - begin)) "$name" >>"$logs/stages"
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

# make_report NAME PRESET TIMEOUT CTEST-ARGUMENTS...: what count_report NAME counts.
make_report() {
  local name=$1 preset=$2 limit=$3
  shift 3
  rm -f "$logs/$name.xml"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --timeout "$limit" --output-junit "$logs/$name.xml" \
    "$@" -LE "$left_out" || true
}

# count_report NAME: fails when a test did, or when there is no report.
count_report() {
  local good bad omitted
  [ -s "$logs/$1.xml" ] || return 1
  read -r good bad omitted < <(test/report.py count "$logs/$1.xml")
  failed=$((failed + bad)) skipped=$((skipped + omitted)) passed=$((passed + good))
  [ "$bad" -eq 0 ] && [ $((good + omitted)) -gt 0 ]
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
    for preset in "${sanitizers[@]}"; do
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
  make_report "$1" "$1" 3600 -j "$(nproc)" -L '^(unit|scenario)$' -E '^(integration|lab)\.'
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

full=no fast=no cluster=yes lab=yes sanitizers=(asan)
for option in "$@"; do
  case $option in
    --full) full=yes ;;
    --fast) fast=yes ;;
    --no-sanitizers) sanitizers=() ;;
    --no-lab) lab=no ;;
    --no-cluster) cluster=no lab=no ;;
    --times) exec test/report.py times ;;
    --help | -h) usage; exit 0 ;;
    *) printf 'test/run.sh: unknown option %s\n\n' "$option" >&2; usage >&2; exit 2 ;;
  esac
done
if [ "$full$fast" = yesyes ]; then
  echo 'test/run.sh: --full and --fast exclude each other' >&2
  exit 2
fi
# Label of the tests that only a full run has.
left_out='^long$'
[ "$full" = no ] || { left_out='^none$'; [ "${#sanitizers[@]}" -eq 0 ] || sanitizers=(asan tsan); }
[ "$fast" = no ] || { cluster=no lab=no sanitizers=(); }
mkdir -p "$logs"
: >"$logs/stages"

stage dependencies dependencies || { finish; exit 1; }
stage configure configure dev || { finish; exit 1; }
stage style run_tests style dev 300 -L style || true
stage "build dev" build dev || { finish; exit 1; }
[ "${#sanitizers[@]}" -eq 0 ] || begin_sanitizers
stage "unit, scenario" run_tests fast dev 900 -j "$(nproc)" -L '^(unit|scenario)$' || true
[ "$full" = no ] || stage "build release" build_release || true
[ "$fast" = yes ] || stage clang-tidy tidy || true
kinds='root|peer'
if [ "$cluster" = yes ] && stage "build test programs" build_test_programs; then kinds+='|cluster'; else lab=no; fi
if [ "$fast" = no ]; then
  stage "namespaces, peer, cluster" run_tests system dev 1800 -j 2 -L "^($kinds)\$" || true
fi
# As many at a time as there are lanes (test/lab/CMakeLists.txt).
[ "$lab" = no ] || stage lab run_tests lab dev 1800 -j 2 -L lab || true
if [ "${#sanitizers[@]}" -gt 0 ]; then
  stage "rest of sanitizers" end_sanitizers
  for preset in "${sanitizers[@]}"; do
    stage "unit, scenario $preset" count_sanitizer "$preset" || true
  done
fi
finish
