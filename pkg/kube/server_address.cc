#include "kube/server_address.h"

#include "net/ip_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace kube {
namespace {

// Errors go to logs: what is before an @ may be a password.
std::string without_user(std::string_view url) {
  const auto at = url.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  const auto scheme = url.find("://");
  const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
  return host > at ? std::string(url) : fmt::format("{}...{}", url.substr(0, host), url.substr(at));
}

base::Failure bad_address(std::string_view url, std::string_view why) {
  return base::fail(
      base::ErrorKind::Invalid,
      fmt::format("the API server's address \"{}\" is of no use: {}", without_user(url), why));
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<int> parse_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || port < 1 || port > 65535) return std::nullopt;
  return port;
}

// Cuts "host", "host:port", "[v6]" and "[v6]:port"; what is behind the host goes to `rest`.
std::string_view take_host(std::string_view authority, std::string_view& rest) {
  const bool bracketed = authority.starts_with('[');
  const std::size_t end = bracketed ? authority.find(']') : authority.find(':');
  rest = end == std::string_view::npos ? "" : authority.substr(bracketed ? end + 1 : end);
  if (!bracketed) return authority.substr(0, end);
  return end == std::string_view::npos ? "" : authority.substr(1, end - 1);
}

bool is_loopback(const std::string& host) {
  const auto address = net::IpAddress::parse(host);
  if (!address) return host == "localhost";
  return address->family() == net::Family::V4 ? address->bytes()[0] == 127
                                              : address->to_string() == "::1";
}

// The path goes into the first line of every request as it is, so it must not break that line.
bool is_path(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < '\x7f' && c != '?' && c != '#'; });
}

bool is_host(std::string_view host, bool bracketed) {
  if (bracketed) {
    const auto address = net::IpAddress::parse(host);
    return address && address->family() == net::Family::V6;
  }
  return !host.empty() && is_path(host) && host.find_first_of("@[]") == std::string_view::npos;
}

}  // namespace

base::Result<ServerAddress> parse_server_address(std::string_view url) {
  ServerAddress address;
  std::string_view rest = url;
  if (take(rest, "http://")) {
    address.scheme = Scheme::Http;
    address.port = 80;
  } else if (!take(rest, "https://")) {
    return bad_address(url, "it must begin with https://");
  }
  const std::string_view authority = rest.substr(0, rest.find('/'));
  address.path_prefix = rest.substr(authority.size());
  while (address.path_prefix.ends_with('/')) address.path_prefix.pop_back();

  if (authority.find('@') != std::string_view::npos)
    return bad_address(url, "user and password do not belong there; put them into the user");
  if (!is_path(address.path_prefix)) return bad_address(authority, "no path of a URL behind it");
  std::string_view port;
  address.host = take_host(authority, port);
  if (!is_host(address.host, authority.starts_with('['))) return bad_address(url, "no host in it");
  if (!port.empty()) {
    const auto number = port.front() == ':' ? parse_port(port.substr(1)) : std::nullopt;
    if (!number) return bad_address(url, "the port is no number from 1 to 65535");
    address.port = *number;
  }
  if (address.scheme == Scheme::Http && !is_loopback(address.host)) {
    return bad_address(url, "http:// is accepted for loopback only; use https://");
  }
  return address;
}

}  // namespace kube
