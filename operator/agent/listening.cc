#include "agent/listening.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string_view>

namespace agent {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...
struct Line {
  std::string local;
  std::string state;
  std::string inode;
};

Line parse_line(const std::string& text) {
  std::istringstream words(text);
  std::string skip;
  Line line;
  words >> skip >> line.local >> skip >> line.state >> skip >> skip >> skip >> skip >> skip >>
      line.inode;
  return line;
}

constexpr std::array kRuntimes = {"/containerd.sock", "/crio.sock", "/cri-dockerd.sock",
                                  "/docker.sock"};

bool is_runtime(const std::string& path) {
  // A name that begins otherwise is an abstract one, which every process may take.
  return path.starts_with('/') &&
         std::any_of(kRuntimes.begin(), kRuntimes.end(),
                     [&path](const char* ending) { return path.ends_with(ending); });
}

}  // namespace

bool list_has_port(const std::string& list, std::uint16_t port, const std::string& state) {
  const std::string ending = fmt::format(":{:04X}", port);
  std::istringstream lines(list);
  for (std::string text; std::getline(lines, text);) {
    const Line line = parse_line(text);
    const bool fits = state.empty() || line.state == state;
    // Sockets of the kernel itself, such as a VXLAN device's, have no inode.
    if (fits && line.local.ends_with(ending) && line.inode != "0") return true;
  }
  return false;
}

bool tcp_listens(std::uint16_t port) {
  for (const auto* name : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    if (list_has_port(read_text(name), port, "0A")) return true;
  }
  return false;
}

bool udp_taken(std::uint16_t port) {
  for (const auto* name : {"/proc/self/net/udp", "/proc/self/net/udp6"}) {
    if (list_has_port(read_text(name), port, "")) return true;
  }
  return false;
}

// Num RefCount Protocol Flags Type St Inode Path
std::set<std::string> runtime_sockets_in(const std::string& list) {
  constexpr std::string_view kListens = "00010000";
  std::set<std::string> found;
  std::istringstream lines(list);
  for (std::string text; std::getline(lines, text);) {
    std::istringstream words(text);
    std::string skip;
    std::string flags;
    std::string path;
    words >> skip >> skip >> skip >> flags >> skip >> skip >> skip >> path;
    if (flags == kListens && is_runtime(path)) found.insert(path);
  }
  return found;
}

std::set<std::string> runtime_sockets() {
  return runtime_sockets_in(read_text("/proc/self/net/unix"));
}

}  // namespace agent
