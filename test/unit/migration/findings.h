// What a preflight tells, for tests of its checks.
#pragma once

#include "migration/preflight/preflight.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <string>

namespace build {

inline const api::Finding* find(const migration::Findings& findings, const std::string& id) {
  const auto found =
      std::find_if(findings.begin(), findings.end(), [&](const auto& f) { return f.id == id; });
  return found == findings.end() ? nullptr : &*found;
}

// What a finding has to be; of what is seen and of the fix some words.
struct ExpectedFinding {
  std::string id;
  api::Severity severity;
  std::string observed;
  std::string fix;
};

inline void expect_finding(const migration::Findings& findings, const ExpectedFinding& expected) {
  const auto* finding = find(findings, expected.id);
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == expected.severity);
  CHECK_THAT(finding->observed, Catch::Contains(expected.observed));
  CHECK_THAT(finding->fix, Catch::Contains(expected.fix));
  CHECK_FALSE(finding->wanted.empty());
}

using StateChange = std::function<void(migration::ClusterState&)>;

// A change of a healthy cluster of two nodes, and the finding that blocks it.
struct Blocked {
  std::string name;
  StateChange change;
  std::string id;
  std::string observed;
  std::string fix;
};

inline void expect_blocked(const Blocked& row) {
  CAPTURE(row.name);
  auto cluster = a_flannel_cluster(nodes(2));
  row.change(cluster);
  expect_finding(migration::run_preflight(Surveyed(cluster).survey),
                 {row.id, api::Severity::Block, row.observed, row.fix});
}

}  // namespace build
