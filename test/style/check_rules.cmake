# Which library is used where, and where time comes from.
include(${CMAKE_CURRENT_LIST_DIR}/sources.cmake)
find_sources(product pkg operator)
find_sources(all pkg operator test)

without(files "${all}" "^pkg/json/")
forbid("${files}" "^ *#include <rapidjson/" "RapidJSON is for pkg/json only; others use json::Value and json::Reader")

without(files "${product}" "^pkg/kube/http_[a-z_]*\\.(h|cc)$")
forbid("${files}" "^ *#include <httplib" "cpp-httplib is for pkg/kube/http_* only; others use kube::Transport")

without(files "${product}" "^operator/controller/serve/health_session\\.cc$")
forbid("${files}" "^ *#include <boost/beast" "Boost.Beast is for the health server's connections only")

without(files "${product}" "^pkg/yaml/")
forbid("${files}" "^ *#include <yaml-cpp" "yaml-cpp is for pkg/yaml only, which has limits; others use yaml::parse")

without(files "${product}" "^pkg/netlink/")
forbid("${files}" "^ *#include <(libmnl|libnftnl|libiptc)/" "these libraries are for pkg/netlink only")

without(files "${product}" "^pkg/base/clock\\.cc$")
forbid("${files}" "(system|steady|high_resolution)_clock::now" "ask a base::Clock, or take the time as an argument")
forbid("${product}" "sleep_for|sleep_until|[^a-z_]usleep\\(" "wait for an event, or on a condition with a deadline")

without(files "${product}" "/main\\.cc$")
forbid("${files}" "[^a-z_.:](std::)?(exit|_exit|abort|quick_exit)\\(" "only main.cc ends the process; return an Error")
forbid("${product}" "(^|[^a-zA-Z_])(TODO|FIXME|XXX)([^a-zA-Z_]|$)" "name the issue in the project's list, not here")

forbid("${product}" "{}, {}[,})]" "name the members that are set ({.name = value}): two empty values tell a reader nothing")

forbid("${all}" "(datamodel|design|house|features|lab|style)\\.md" "a reader has the repository alone: bring the fact into a README.md")

# Each decision is in the index beside it.
file(READ ${root}/operator/decisions/README.md index)
file(GLOB decisions RELATIVE ${root}/operator/decisions ${root}/operator/decisions/[0-9]*.md)
foreach(decision ${decisions})
  string(FIND "${index}" "(${decision})" at)
  if(at EQUAL -1)
    message(SEND_ERROR "operator/decisions/README.md does not list ${decision}")
  endif()
endforeach()

# A test waits for what it waits for. Tests with real sockets or threads are the exception, and the one that measures the planner.
find_sources(tests test)
without(files "${tests}" "^test/(integration/|lab/|unit/kube/|unit/controller/|fakes/|scenario/timing_test)")
forbid("${files}" "sleep_for|(system|steady)_clock::now" "tests of logic use test/fakes/fake_clock.h or pass the time")
