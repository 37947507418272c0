// Who listens in this network namespace, from the kernel's own lists.
#pragma once

#include <cstdint>
#include <string>

namespace agent {

// A TCP socket waits for connections on that port, on any address. It is there as long as its
// process runs, and gone when the kernel has torn the process down: no sooner, no later.
bool tcp_listens(std::uint16_t port);
// A process, not the kernel, has a UDP socket on that port.
bool udp_taken(std::uint16_t port);

// For tests: the same in the text of such a list. `state`: "0A" is LISTEN, empty is any.
bool list_has_port(const std::string& list, std::uint16_t port, const std::string& state);

}  // namespace agent
