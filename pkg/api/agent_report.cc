#include "api/agent.h"
#include "api/agent_words.h"
#include "api/names.h"
#include "base/utf8.h"
#include "json/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace api {
namespace {

constexpr std::string_view kKind = "AgentReport";
constexpr std::int64_t kMaxMtu = 65535;
// A shorter message would say nothing.
constexpr std::size_t kLeastMessage = 8;

base::Failure invalid(std::string message) {
  return base::fail(base::ErrorKind::Invalid, "agent report: " + std::move(message));
}

// A number, or a string of digits.
std::optional<std::uint64_t> parse_run(json::View value) {
  if (const auto number = value.maybe_integer()) {
    return *number < 0 ? std::nullopt : std::optional<std::uint64_t>(*number);
  }
  const auto text = value.string_view();
  std::uint64_t run = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), run);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return run;
}

// Adds the addresses of one {cidr, offsets}.
base::Result<void> read_live_addresses(json::View entry, std::size_t limit,
                                       std::set<net::IpAddress>& addresses) {
  const auto cidr = net::Cidr::parse(entry["cidr"].string_view());
  if (!cidr) return invalid("liveAddresses: " + cidr.error().message);
  const auto offsets = parse_offsets(entry["offsets"].string_view(), limit);
  if (!offsets) return invalid("liveAddresses: " + offsets.error().message);
  for (const auto offset : *offsets) {
    if (offset >= cidr->size())
      return invalid(fmt::format("offset {} lies outside of {}", offset, cidr->to_string()));
    addresses.insert(cidr->address().plus(offset));
  }
  if (addresses.size() > limit) return invalid(fmt::format("more than {} live addresses", limit));
  return {};
}

std::optional<int> read_mtu(json::View value) {
  const auto mtu = value.integer();
  return mtu > 0 && mtu <= kMaxMtu ? std::optional<int>(static_cast<int>(mtu)) : std::nullopt;
}

base::Result<void> read_observed(json::View observed, std::size_t limit, AgentReport& report) {
  report.subnet_env = observed["subnetEnv"].string_map();
  report.tunnel_mtu = read_mtu(observed["tunnelMtu"]);
  report.asked_mtu = read_mtu(observed["askedMtu"]);
  for (const auto& entry : observed["liveAddresses"].items()) {
    auto read = read_live_addresses(entry, limit, report.live_addresses);
    if (!read) return read;
  }
  return {};
}

base::Result<AgentReport> read_head(json::View object) {
  if (object["apiVersion"].string_view() != kApiVersion || object["kind"].string_view() != kKind) {
    return invalid(fmt::format("not a {} of {}", kKind, kApiVersion));
  }
  const auto operation = parse_agent_operation(object["operation"].string_view());
  const auto run = parse_run(object["run"]);
  const auto result = value_of(kAgentResults, object["result"].string_view());
  if (!operation) return invalid("unknown operation");
  if (!run) return invalid("run is no number");
  if (!result) return invalid("unknown result");
  return AgentReport{*operation,
                     object["node"].string(),
                     *run,
                     *result,
                     object["reason"].string(),
                     object["message"].string(),
                     {},
                     {},
                     {},
                     {}};
}

std::set<std::uint64_t> offsets_in(const net::Cidr& cidr,
                                   const std::set<net::IpAddress>& addresses) {
  std::set<std::uint64_t> offsets;
  for (const auto& address : addresses) {
    if (cidr.contains(address)) offsets.insert(address.minus(cidr.address()));
  }
  return offsets;
}

void write_live_addresses(json::Writer& out, const AgentReport& report,
                          const std::vector<net::Cidr>& pod_cidrs) {
  out.key("liveAddresses").array();
  for (const auto& cidr : pod_cidrs) {
    const auto offsets = offsets_in(cidr, report.live_addresses);
    if (offsets.empty()) continue;
    out.object().field("cidr", cidr.to_string()).field("offsets", format_offsets(offsets)).end();
  }
  out.end();
}

std::string render_whole(const AgentReport& report, const std::vector<net::Cidr>& pod_cidrs) {
  json::Writer out;
  out.object().field("apiVersion", kApiVersion).field("kind", kKind);
  out.field("operation", to_string(report.operation)).field("node", report.node);
  out.key("run").string(std::to_string(report.run));
  out.field("result", word_of(kAgentResults, report.result));
  out.field_if("reason", report.reason).field_if("message", report.message);
  out.key("observed").object();
  if (!report.subnet_env.empty()) out.key("subnetEnv").string_map(report.subnet_env);
  if (report.tunnel_mtu) out.key("tunnelMtu").integer(*report.tunnel_mtu);
  if (report.asked_mtu) out.key("askedMtu").integer(*report.asked_mtu);
  if (!report.live_addresses.empty()) write_live_addresses(out, report, pod_cidrs);
  return out.end().end().text();
}

}  // namespace

base::Result<AgentReport> parse_agent_report(std::string_view termination_message,
                                             std::size_t max_addresses) {
  if (termination_message.size() > kMaxAgentReport) return invalid("longer than 4096 bytes");
  const auto document = json::Document::parse(termination_message);
  if (!document) return invalid(document.error().message);
  auto report = read_head(document->root());
  if (!report) return report;
  const auto observed = read_observed((*document)["observed"], max_addresses, *report);
  if (!observed) return tl::unexpected(observed.error());
  return report;
}

std::string render_agent_report(AgentReport report, const std::vector<net::Cidr>& pod_cidrs) {
  auto text = render_whole(report, pod_cidrs);
  while (text.size() > kMaxAgentReport && !report.message.empty()) {
    const auto excess = text.size() - kMaxAgentReport;
    const auto keep = report.message.size() - std::min(excess, report.message.size());
    report.message = keep < kLeastMessage ? "" : base::cut_utf8(report.message, keep);
    text = render_whole(report, pod_cidrs);
  }
  if (text.size() <= kMaxAgentReport) return text;
  // Observations cannot be left out of a successful report: the operator relies on all of them.
  report.subnet_env.clear();
  report.live_addresses.clear();
  report.result = AgentResult::Failed;
  report.message = "what was observed does not fit into 4096 bytes";
  return render_whole(report, pod_cidrs);
}

}  // namespace api
