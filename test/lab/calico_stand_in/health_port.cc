#include "calico_stand_in/health_port.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace stand_in {
namespace {

constexpr std::uint16_t kPort = 9099;

}  // namespace

base::Result<void> listen_as_felix() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool listens = socket >= 0 &&
                       bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                       listen(socket, 1) == 0;
  if (listens) return {};
  return base::fail(base::ErrorKind::Unavailable,
                    fmt::format("port {} of Felix: {}", kPort, std::strerror(errno)));
}

}  // namespace stand_in
