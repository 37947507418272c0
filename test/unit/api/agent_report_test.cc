#include "api/agent.h"
#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using api::AgentOperation;
using api::AgentReport;
using api::AgentResult;
using api::parse_agent_report;
using parsed::cidr;
using parsed::document;
using parsed::ip;

namespace {

const std::string kReport =
    R"({"apiVersion":"cni-migration.io/v1alpha1","kind":"AgentReport","operation":"handover","node":"n1","run":3,
  "result":"Succeeded","reason":"","message":"done","observed":{"subnetEnv":{"FLANNEL_MTU":"1450"},"tunnelMtu":1400,"askedMtu":1450,
  "liveAddresses":[{"cidr":"10.244.1.0/24","offsets":"1-2,77"},{"cidr":"fd00:10:244:1::/64","offsets":"5"}]}})";

AgentReport report() {
  return {AgentOperation::HandOver,
          "n1",
          3,
          AgentResult::Succeeded,
          "",
          "done",
          {{"FLANNEL_MTU", "1450"}},
          1400,
          {ip("10.244.1.1"), ip("10.244.1.2"), ip("10.244.1.77"), ip("fd00:10:244:1::5")},
          1450};
}

const std::vector kPodCidrs = {cidr("10.244.1.0/24"), cidr("fd00:10:244:1::/64")};

std::string with(std::string_view pointer, std::string_view json) {
  auto text = document(kReport);
  text.set(pointer, document(json).root());
  return text.dump();
}

}  // namespace

TEST_CASE("an agent's report is read") { CHECK(parse_agent_report(kReport) == report()); }

TEST_CASE("a report is read as it was written") {
  CHECK(parse_agent_report(api::render_agent_report(report(), kPodCidrs)) == report());
  const AgentReport bare{AgentOperation::Verify,
                         "n1",
                         18446744073709551615u,
                         AgentResult::Refused,
                         "R",
                         "m",
                         {},
                         {},
                         {},
                         {}};
  CHECK(parse_agent_report(api::render_agent_report(bare, {})) == bare);
}

TEST_CASE("a run may be a number or a string of digits") {
  CHECK(parse_agent_report(with("/run", "7"))->run == 7);
  CHECK(parse_agent_report(with("/run", "\"18446744073709551615\""))->run == 18446744073709551615u);
}

TEST_CASE("a report that cannot be trusted is refused as a whole") {
  const auto [name, pointer, json] = GENERATE(table<std::string, std::string, std::string>({
      {"another version", "/apiVersion", "\"cni-migration.io/v2\""},
      {"another kind", "/kind", "\"Pod\""},
      {"no kind", "/kind", "null"},
      {"unknown operation", "/operation", "\"HandOver\""},
      {"unknown result", "/result", "\"Done\""},
      {"no result", "/result", "null"},
      {"negative run", "/run", "-1"},
      {"run with a fraction", "/run", "1.5"},
      {"empty run", "/run", "\"\""},
      {"run beyond 64 bits", "/run", "\"18446744073709551616\""},
      {"signed run", "/run", "\"+3\""},
      {"missing run", "/run", "null"},
      {"pod network that is none", "/observed/liveAddresses/0/cidr", "\"10.244.1.0\""},
      {"no pod network", "/observed/liveAddresses/0/cidr", "7"},
      {"offset behind the pod network", "/observed/liveAddresses/0/offsets", "\"256\""},
      {"offsets that are none", "/observed/liveAddresses/0/offsets", "\"a\""},
      {"more offsets than allowed", "/observed/liveAddresses/1/offsets", "\"0-4096\""},
      {"a list of garbage", "/observed/liveAddresses", "[7]"},
  }));
  CAPTURE(name);
  const auto read = parse_agent_report(with(pointer, json));
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == base::ErrorKind::Invalid);
  CHECK_THAT(read.error().message, Catch::StartsWith("agent report: "));
}

TEST_CASE("a text that is no report is refused") {
  const auto text = GENERATE(values<std::string>(
      {"", "{}", "[]", "null", "killed", kReport.substr(0, 100), std::string(200, '[')}));
  CAPTURE(text);
  CHECK_FALSE(parse_agent_report(text));
}

TEST_CASE("a text that is longer than a termination message is refused") {
  CHECK(parse_agent_report(kReport + std::string(4096 - kReport.size(), ' ')));
  CHECK_FALSE(parse_agent_report(kReport + std::string(4097 - kReport.size(), ' ')));
}

TEST_CASE("all networks together may not name more addresses than allowed") {
  CHECK(parse_agent_report(kReport, 4));
  CHECK_FALSE(parse_agent_report(kReport, 3));
}

TEST_CASE("observations that are missing or of a wrong type read as none") {
  const std::string json =
      GENERATE("null", "[]", R"({"subnetEnv":7,"tunnelMtu":-1,"liveAddresses":{}})");
  const auto read = parse_agent_report(with("/observed", json));
  REQUIRE(read);
  CHECK(read->subnet_env.empty());
  CHECK_FALSE(read->tunnel_mtu);
  CHECK(read->live_addresses.empty());
}

TEST_CASE("addresses outside of the pod networks are not reported") {
  auto stray = report();
  stray.live_addresses.insert(ip("192.168.0.1"));
  CHECK(parse_agent_report(api::render_agent_report(stray, kPodCidrs)) == report());
}

TEST_CASE("250 scattered pods and a long message fit into a termination message") {
  auto crowded = report();
  for (int i = 0; i < 250; i += 2) crowded.live_addresses.insert(ip("10.244.1.0").plus(i));
  crowded.message = std::string(5000, '\n');
  const auto text = api::render_agent_report(crowded, kPodCidrs);
  CHECK(text.size() <= 4096);
  const auto read = parse_agent_report(text);
  REQUIRE(read);
  CHECK(read->live_addresses == crowded.live_addresses);
  CHECK(read->result == AgentResult::Succeeded);
}

TEST_CASE("a message is cut between characters") {
  auto long_words = report();
  long_words.message.clear();
  const std::string letter = GENERATE("\u00fc", "\u20ac", "\U0001F600");
  for (int i = 0; i < 3000; ++i) long_words.message += letter;
  const auto read = parse_agent_report(api::render_agent_report(long_words, kPodCidrs));
  REQUIRE(read);
  CHECK(read->message.size() > 3000);
  CHECK(read->message.ends_with(letter + "..."));
  CHECK((read->message.size() - 3) % letter.size() == 0);
}

TEST_CASE("a report whose observations do not fit says that it failed") {
  auto huge = report();
  for (int i = 0; i < 4000; i += 2) huge.live_addresses.insert(ip("10.245.0.0").plus(i));
  const auto read = parse_agent_report(api::render_agent_report(huge, {cidr("10.245.0.0/16")}));
  REQUIRE(read);
  CHECK(read->result == AgentResult::Failed);
  CHECK(read->live_addresses.empty());
}
