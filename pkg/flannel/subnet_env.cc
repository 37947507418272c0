#include "flannel/subnet_env.h"

#include "base/utf8.h"

#include <fmt/format.h>

#include <charconv>

namespace flannel {
namespace {

using Values = json::StringMap;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                      text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

base::Failure invalid(std::string_view key, std::string_view wanted, std::string_view value) {
  return base::fail(base::ErrorKind::Invalid, fmt::format("subnet.env: {}: must be {}, not '{}'",
                                                          key, wanted, base::excerpt(value)));
}

// Takes one line; false when it is neither blank, nor a comment, nor KEY=VALUE.
bool read_line(std::string_view line, Values& values) {
  line = trimmed(line);
  if (line.empty() || line.front() == '#') return true;
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return false;
  const auto key = trimmed(line.substr(0, equals));
  values[std::string(key)] = unquoted(trimmed(line.substr(equals + 1)));
  return true;
}

base::Result<Values> read_lines(std::string_view text) {
  Values values;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    if (!read_line(text.substr(0, end), values)) {
      return base::fail(base::ErrorKind::Invalid,
                        fmt::format("subnet.env: line {} is not KEY=VALUE", number));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return values;
}

std::string_view value_of(const Values& values, const char* key) {
  const auto found = values.find(key);
  return found == values.end() ? std::string_view{} : trimmed(found->second);
}

base::Result<void> read_cidr(const Values& values, const char* key, net::Family family,
                             std::optional<net::Cidr>& out) {
  const auto text = value_of(values, key);
  if (text.empty()) return {};
  const auto cidr = net::Cidr::parse(text);
  if (!cidr || cidr->family() != family) {
    return invalid(key, family == net::Family::V4 ? "one IPv4 network" : "one IPv6 network", text);
  }
  out = *cidr;
  return {};
}

base::Result<void> read_mtu(const Values& values, std::optional<int>& out) {
  const auto text = value_of(values, "FLANNEL_MTU");
  if (text.empty()) return {};
  int mtu = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mtu);
  if (error != std::errc{} || end != text.data() + text.size() || mtu < 1 || mtu > 65535) {
    return invalid("FLANNEL_MTU", "a number from 1 to 65535", text);
  }
  out = mtu;
  return {};
}

// The words of Go's strconv.ParseBool.
base::Result<void> read_ip_masq(const Values& values, std::optional<bool>& out) {
  const auto text = value_of(values, "FLANNEL_IPMASQ");
  if (text.empty()) return {};
  const bool yes = text == "true" || text == "True" || text == "TRUE" || text == "t" ||
                   text == "T" || text == "1";
  const bool no = text == "false" || text == "False" || text == "FALSE" || text == "f" ||
                  text == "F" || text == "0";
  if (!yes && !no) return invalid("FLANNEL_IPMASQ", "true or false", text);
  out = yes;
  return {};
}

}  // namespace

base::Result<SubnetEnv> parse_subnet_env(std::string_view text) {
  return read_lines(text).and_then([](const Values& values) { return parse_subnet_env(values); });
}

base::Result<SubnetEnv> parse_subnet_env(const Values& values) {
  using net::Family;
  SubnetEnv env;
  return read_cidr(values, "FLANNEL_NETWORK", Family::V4, env.network)
      .and_then(
          [&] { return read_cidr(values, "FLANNEL_IPV6_NETWORK", Family::V6, env.ipv6_network); })
      .and_then([&] { return read_cidr(values, "FLANNEL_SUBNET", Family::V4, env.subnet); })
      .and_then(
          [&] { return read_cidr(values, "FLANNEL_IPV6_SUBNET", Family::V6, env.ipv6_subnet); })
      .and_then([&] { return read_mtu(values, env.mtu); })
      .and_then([&] { return read_ip_masq(values, env.ip_masq); })
      .map([&] { return env; });
}

}  // namespace flannel
