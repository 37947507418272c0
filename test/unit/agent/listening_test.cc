#include "agent/listening.h"

#include <catch2/catch.hpp>

namespace {

const std::string kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
    "   0: 0100007F:238B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "1234 1 0 100 0 0 10 0\n"
    "   1: 0100007F:0016 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 "
    "1235 1 0 100 0 0 10 0\n"
    "   2: 00000000:2118 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 0 "
    "2 0\n";

}  // namespace

TEST_CASE("a port is found with its state") {
  CHECK(agent::list_has_port(kTcp, 9099, "0A"));
  CHECK_FALSE(agent::list_has_port(kTcp, 9098, "0A"));
  CHECK_FALSE(agent::list_has_port(kTcp, 22, "0A"));
  CHECK(agent::list_has_port(kTcp, 22, ""));
}

TEST_CASE("a socket of the kernel itself is nobody's") {
  CHECK_FALSE(agent::list_has_port(kTcp, 8472, ""));
  CHECK_FALSE(agent::list_has_port("", 8472, ""));
}

TEST_CASE("a container runtime is known by the file on which it listens, not by a bare name") {
  const std::string list =
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "00000000b7eb9052: 00000002 00000000 00010000 0001 01 158 /run/containerd/containerd.sock\n"
      "00000000b7eb9053: 00000002 00000000 00010000 0001 01 159 "
      "/run/containerd/containerd.sock.ttrpc\n"
      "00000000b7eb9054: 00000003 00000000 00000000 0001 03 160 /var/run/crio/crio.sock\n"
      "00000000b7eb9055: 00000003 00000000 00000000 0001 03 161\n"
      "00000000b7eb9056: 00000002 00000000 00010000 0001 01 162 @/run/crio/crio.sock\n";
  CHECK(agent::runtime_sockets_in(list) ==
        std::set<std::string>{"/run/containerd/containerd.sock"});
  CHECK(agent::runtime_sockets_in("").empty());
}
