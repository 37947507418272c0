#include "agent/prober.h"

#include "agent/descriptor.h"
#include "agent/icmp.h"
#include "netlink/socket.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace agent {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

constexpr milliseconds kPause{50};  // between two rounds
constexpr std::size_t kSmall = 64;  // bytes of ICMP
constexpr std::uint16_t kFullBit = 0x8000;

base::Result<Descriptor> open_socket(net::Family family, const std::string& device) {
  const bool v4 = family == net::Family::V4;
  Descriptor fd(socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                       v4 ? IPPROTO_ICMP : static_cast<int>(IPPROTO_ICMPV6)));
  if (!fd.is_open()) return netlink::system_error("opening an ICMP socket", errno);
  if (setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, device.c_str(),
                 static_cast<socklen_t>(device.size() + 1)) != 0)
    return netlink::system_error("binding to " + device, errno);
  // Neither this kernel nor a router may cut the packets; what the kernel has learnt about the path
  // does not matter.
  static_assert(IP_PMTUDISC_PROBE == IPV6_PMTUDISC_PROBE);
  const int probe = IP_PMTUDISC_PROBE;
  setsockopt(fd.get(), v4 ? static_cast<int>(IPPROTO_IP) : static_cast<int>(IPPROTO_IPV6),
             v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &probe, sizeof(probe));
  return fd;
}

void send_to(int fd, const net::IpAddress& address, const std::string& bytes) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const bool is_v4 = address.family() == net::Family::V4;
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  std::memcpy(&v4.sin_addr, address.bytes().data(), sizeof(v4.sin_addr));
  std::memcpy(&v6.sin6_addr, address.bytes().data(), sizeof(v6.sin6_addr));
  const auto* to =
      is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  // A packet that cannot be sent now counts as lost.
  sendto(fd, bytes.data(), bytes.size(), 0, to, is_v4 ? sizeof(v4) : sizeof(v6));
}

net::IpAddress address_of(const sockaddr_storage& from) {
  std::array<std::uint8_t, 16> bytes{};
  if (from.ss_family == AF_INET) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in&>(from).sin_addr, 4);
    return net::IpAddress::from_bytes(net::Family::V4, bytes);
  }
  std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(from).sin6_addr, 16);
  return net::IpAddress::from_bytes(net::Family::V6, bytes);
}

class Prober {
 public:
  Prober(const std::vector<ProbeTarget>& targets, const base::Clock& clock) : clock_(clock) {
    for (const auto& target : targets) results_.push_back({.target = target});
  }

  base::Result<void> open() {
    for (const auto& result : results_) {
      auto fd = open_socket(result.target.address.family(), result.target.device);
      if (!fd) return tl::unexpected(fd.error());
      sockets_.push_back(std::move(*fd));
    }
    return {};
  }

  std::vector<ProbeResult> run(SteadyTime deadline) {
    while (!done() && clock_.steady_now() < deadline) {
      send_round();
      listen_until(std::min(clock_.steady_now() + kPause, deadline));
    }
    return std::move(results_);
  }

 private:
  bool done() const {
    return std::all_of(results_.begin(), results_.end(),
                       [](const auto& result) { return result.reached(); });
  }

  void send_round() {
    round_ = static_cast<std::uint16_t>((round_ + 1) % kFullBit);
    sent_at_ = clock_.steady_now();
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (results_[i].reached()) continue;
      const auto& target = results_[i].target;
      send(i, round_, kSmall, results_[i].small);
      send(i, round_ | kFullBit, target.mtu - ip_header_size(target.address.family()),
           results_[i].full);
    }
  }

  void send(std::size_t i, int sequence, std::size_t size, ProbeCount& count) {
    const auto& address = results_[i].target.address;
    const Echo echo{id_, static_cast<std::uint16_t>(sequence)};
    send_to(sockets_[i].get(), address, echo_request(address.family(), echo, size));
    ++count.sent;
  }

  // Answers to earlier rounds count as answered too.
  void listen_until(SteadyTime until) {
    std::vector<pollfd> waiting;
    for (const auto& socket : sockets_) waiting.push_back({socket.get(), POLLIN, 0});
    while (true) {
      const auto left =
          std::chrono::duration_cast<milliseconds>(until - clock_.steady_now()).count();
      if (left <= 0 || poll(waiting.data(), waiting.size(), static_cast<int>(left)) <= 0) return;
      for (std::size_t i = 0; i < waiting.size(); ++i) {
        if (waiting[i].revents != 0) read_answers(i);
      }
    }
  }

  void read_answers(std::size_t i) {
    std::array<char, 65536> buffer;
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    ssize_t got = 0;
    while ((got = recvfrom(sockets_[i].get(), buffer.data(), buffer.size(), 0,
                           reinterpret_cast<sockaddr*>(&from), &size)) > 0) {
      take(i, address_of(from), {buffer.data(), static_cast<std::size_t>(got)});
      size = sizeof(from);
    }
  }

  void take(std::size_t i, const net::IpAddress& from, std::string_view packet) {
    auto& result = results_[i];
    const auto echo = parse_echo_reply(from.family(), packet);
    if (!echo || echo->id != id_ || from != result.target.address) return;
    ++((echo->sequence & kFullBit) != 0 ? result.full : result.small).answered;
    if ((echo->sequence & ~kFullBit) != round_) return;
    const std::chrono::duration<double, std::milli> time = clock_.steady_now() - sent_at_;
    if (result.best_ms == 0 || time.count() < result.best_ms) result.best_ms = time.count();
  }

  const base::Clock& clock_;
  std::vector<ProbeResult> results_;
  std::vector<Descriptor> sockets_;
  const std::uint16_t id_ = static_cast<std::uint16_t>(getpid());
  std::uint16_t round_ = 0;
  SteadyTime sent_at_{};
};

}  // namespace

std::string ProbeResult::to_string() const {
  return fmt::format("{} {}: small {}/{}, full {}/{}, {:.2f} ms", target.node,
                     target.address.to_string(), small.answered, small.sent, full.answered,
                     full.sent, best_ms);
}

base::Result<std::vector<ProbeResult>> probe(const std::vector<ProbeTarget>& targets,
                                             const base::Clock& clock, SteadyTime deadline) {
  Prober prober(targets, clock);
  if (auto opened = prober.open(); !opened) return tl::unexpected(opened.error());
  return prober.run(deadline);
}

}  // namespace agent
