// Finds out which ports and sockets are listened on in this network namespace, from the kernel's
// own lists.
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace agent {

// True if a TCP socket waits for connections on that port, on any address. The socket exists as
// long as its process, and is gone when the kernel has torn the process down: no sooner, no later.
bool tcp_listens(std::uint16_t port);
// True if a process, not the kernel, has a UDP socket on that port.
bool udp_taken(std::uint16_t port);

// The sockets of container runtimes that listen here: the kernel's list of this network namespace
// has their paths, so that no folder of theirs needs to be mounted.
std::set<std::string> runtime_sockets();

// Does the same in the text of such a list, for tests. `state`: "0A" is LISTEN, empty is any.
bool list_has_port(const std::string& list, std::uint16_t port, const std::string& state);
std::set<std::string> runtime_sockets_in(const std::string& list);

}  // namespace agent
