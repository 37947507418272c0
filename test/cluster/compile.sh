# Shared by the builders of test programs (sourced): compiles programs of Go modules into a cache outside the checkout.
# A builder defines programs(), which lists what it wants, and compile_program(NAME), and calls build_into.

# cache_of FOLDER...: where the programs belong that these folders pin.
cache_of() {
  local folder key
  key=$(for folder in "$@"; do (cd "$folder" && cat versions.env go/*/go.mod go/*/go.sum); done | sha256sum | cut -c1-16)
  echo "${FM_CACHE:-$HOME/.cache/flannel-migration}/$key/bin"
}

# compile MODULE-FOLDER PROGRAM PACKAGE LDFLAGS [FLAG...]: the finished program appears at once, under its name, or not at all.
compile() {
  local module=$1 program=$2 package=$3 ldflags=$4
  shift 4
  [ -x "$bin/$program" ] && return
  echo "building $program" >&2
  mkdir -p "$(dirname "$bin/$program")"
  (cd "$module" && GOWORK=off GOFLAGS="-buildvcs=false -mod=readonly" CGO_ENABLED=${cgo:-0} \
    go build -trimpath -ldflags "-s -w $ldflags" "$@" -o "$bin/$program.$$" "$package")
  mv "$bin/$program.$$" "$bin/$program"
}

# kubernetes_ldflags VERSION: what a release's programs say of themselves.
kubernetes_ldflags() {
  local version=k8s.io/component-base/version minor=${1#v1.}
  echo "-X $version.gitVersion=$1 -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*} -X $version.gitTreeState=clean"
}

complete() {
  local program
  for program in $(programs); do
    [ -x "$bin/$program" ] || return 1
  done
}

# build_into FOLDER: sets $bin, and builds what is missing there.
build_into() {
  local program
  bin=$1
  complete && return
  mkdir -p "$bin"
  # A second caller waits here and then finds everything built.
  exec 9>"$bin/.lock"
  flock 9
  for program in $(programs); do
    compile_program "$program"
  done
}
