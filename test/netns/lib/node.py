"""One node: its namespace, flannel's or Calico's state in it, its pods, and the agent on it."""
import ctypes
import os
import socket

from . import program
from .files import Files

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _enter(namespace):
    """This thread goes into a network namespace. (os.setns came with Python 3.12.)"""
    if _libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Node:
    def __init__(self, network, number):
        self.network, self.number = network, number
        self.name = f"n{number}"
        self.ns = network.namespace(self.name)
        root = os.path.join(network.folder, self.name)
        os.makedirs(root)
        self.files = Files(root)
        self.pods = {}
        self.ip, self.ip6 = f"172.30.0.{number}", f"fc00:30::{number}"
        self.cidr, self.cidr6 = f"10.244.{number}.0/24", f"fd00:10:244:{number}::/64"
        self.vtep, self.vtep6 = f"10.244.{number}.0", f"fd00:10:244:{number}::"
        self.gateway, self.gateway6 = f"10.244.{number}.1", f"fd00:10:244:{number}::1"
        self.mac, self.mac6 = f"56:1d:8d:30:79:{number:02x}", f"56:1d:8d:30:80:{number:02x}"
        self.protocol = "boot"  # of Felix's routes to devices
        self.device, self.device6 = f"flannel.{network.vni}", f"flannel-v6.{network.vni}"
        self._plug_in()

    def _plug_in(self):
        port = f"port{self.number}"
        self.network.wire.batch(f"link add {port} type veth peer name eth0 netns {self.ns.name}",
                                f"link set {port} master br0 up")
        self.ns.batch(f"addr add {self.ip}/24 dev eth0", f"addr add {self.ip6}/64 dev eth0 nodad", "link set eth0 up")
        for setting in ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"):
            self.ns.write(setting, "1")

    # --- flannel ---
    def lay_files(self):
        v6 = f"FLANNEL_IPV6_NETWORK=fd00:10:244::/48\nFLANNEL_IPV6_SUBNET={self.gateway6}/64\n" if self.network.dual else ""
        self.files.lay_flannel(f"FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET={self.gateway}/24\n{v6}"
                               f"FLANNEL_MTU={self.network.mtu}\nFLANNEL_IPMASQ=true\n")

    def lay_flannel(self):
        self._add_tunnel(self.device, self.mac, self.ip, self.vtep, 32)
        self.ns.batch("link add cni0 type bridge", "link set cni0 up", f"addr add {self.gateway}/24 dev cni0")
        if self.network.dual:
            self._add_tunnel(self.device6, self.mac6, self.ip6, self.vtep6, 128)
            self.ns.batch(f"addr add {self.gateway6}/64 dev cni0 nodad")
        for peer in self.network.peers_of(self):
            self.lay_peer(peer)

    def _add_tunnel(self, device, mac, local, vtep, length, extra="nolearning"):
        """Without a MAC the kernel chooses one."""
        address = f"address {mac} " if mac else ""
        self.ns.batch(
            f"link add {device} {address}mtu {self.network.mtu} type vxlan id {self.network.vni} dev eth0 local {local} "
            f"dstport {self.network.port} {extra}",
            f"addr add {vtep}/{length} dev {device}" + (" nodad" if length == 128 else ""), f"link set {device} up")

    def let_kernel_choose_macs(self, device, device6):
        """The tunnels as flannel made them before v0.15, under these names: udev does as it likes with such a MAC."""
        self.ns.batch(*(f"link del {name}" for name in self.ns.names() if name in (device, device6)))
        self._add_tunnel(device, None, self.ip, self.vtep, 32)
        self._add_tunnel(device6, None, self.ip6, self.vtep6, 128)
        self.mac, self.mac6 = self.ns.link(device)["address"], self.ns.link(device6)["address"]
        for peer in self.network.peers_of(self):
            self.lay_peer(peer, device, device6)
            peer.lay_peer(self)

    def address_type(self, device):
        """1: the kernel's choice; 3: userspace has set it, and udev leaves it alone."""
        return self.ns.run("cat", f"/sys/class/net/{device}/addr_assign_type").strip()

    def lay_peer(self, peer, device=None, device6=None):
        device, device6 = device or self.device, device6 or self.device6
        self.ns.batch(f"route replace {peer.cidr} via {peer.vtep} dev {device} onlink",
                      f"neigh replace {peer.vtep} lladdr {peer.mac} dev {device} nud permanent")
        self.ns.fdb(f"fdb replace {peer.mac} dev {device} dst {peer.ip} self permanent")
        if self.network.dual:
            self.ns.batch(f"route replace {peer.cidr6} via {peer.vtep6} dev {device6} onlink",
                          f"neigh replace {peer.vtep6} lladdr {peer.mac6} dev {device6} nud permanent")
            self.ns.fdb(f"fdb replace {peer.mac6} dev {device6} dst {peer.ip6} self permanent")

    def add_pod(self, last):
        """On flannel's bridge, with a lease."""
        address, address6 = f"10.244.{self.number}.{last}", f"fd00:10:244:{self.number}::{last:x}"
        pod = self.network.namespace(f"{self.name}p{last}")
        self.ns.batch(f"link add veth{last} mtu {self.network.mtu} type veth peer name eth0 mtu {self.network.mtu} netns {pod.name}",
                      f"link set veth{last} master cni0 up")
        pod.batch(f"addr add {address}/24 dev eth0", "link set eth0 up", f"route add default via {self.gateway}")
        self.files.lease(address)
        if self.network.dual:
            pod.batch(f"addr add {address6}/64 dev eth0 nodad", f"route add default via {self.gateway6}")
            self.files.lease(address6)
        self.pods[last] = pod
        return pod

    # --- Calico: what Felix and Calico's CNI plugin lay ---
    def lay_felix(self, protocol=None):
        """`protocol`: FelixConfiguration's deviceRouteProtocol, which counts for blackholes only where it is set."""
        self.protocol, blackholes = protocol or "boot", protocol or 80
        for block in (0, 64, 128, 192):
            self.ns.batch(f"route add blackhole 10.244.{self.number}.{block}/26 proto {blackholes}")
        for peer in self.network.peers_of(self):
            for block in (0, 64, 128, 192):
                self.ns.batch(f"route replace 10.244.{peer.number}.{block}/26 via {peer.vtep} dev vxlan.calico onlink proto {self.protocol}")
        if self.network.dual:
            self.ns.batch(f"route add blackhole fd00:10:244:{self.number}::/122 proto {blackholes}")
        self.files.lay_calico()

    def add_calico_pod(self, last):
        address = f"10.244.{self.number}.{last}"
        pod = self.network.namespace(f"{self.name}c{last}")
        host = f"cali{last:08x}"
        self.ns.batch(f"link add {host} address ee:ee:ee:ee:ee:ee type veth peer name eth0 netns {pod.name}", f"link set {host} up",
                      f"route add {address}/32 dev {host} scope link proto {self.protocol}")
        pod.batch(f"addr add {address}/32 dev eth0", "link set eth0 up", "route add 169.254.1.1 dev eth0 scope link",
                  "route add default via 169.254.1.1 dev eth0",
                  "neigh replace 169.254.1.1 lladdr ee:ee:ee:ee:ee:ee dev eth0 nud permanent")
        self.pods[last] = pod
        return pod

    def listen_as_felix(self, port=9099):
        """Felix's health port. Close it and Felix is dead."""
        return self._inside(lambda: socket.create_server(("127.0.0.1", port)))

    def udp_socket(self, port):
        def bind():
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind(("0.0.0.0", port))
            return made
        return self._inside(bind)

    def unix_listener(self, path):
        def listen():
            made = socket.socket(socket.AF_UNIX)
            made.bind(path)
            made.listen()
            return made
        return self._inside(listen)

    def _inside(self, make):
        """A socket stays in the namespace that it was made in."""
        with open("/proc/self/ns/net") as home, open(f"/run/netns/{self.ns.name}") as there:
            _enter(there)
            try:
                return make()
            finally:
                _enter(home)

    # --- the agent ---
    def arguments(self, operation, *more):
        words = [operation, "--node", self.name, "--run", "1", "--root", self.files.root, "--vni", str(self.network.vni),
                 "--port", str(self.network.port), "--mtu", str(self.network.mtu), "--pod-cidr", self.cidr,
                 "--vtep-mac", self.mac, "--public-ip", self.ip,
                 "--termination-log", os.path.join(self.network.folder, f"{self.name}.report")]
        if self.network.dual:
            words += ["--pod-cidr", self.cidr6, "--vtep-mac-v6", self.mac6, "--public-ip-v6", self.ip6]
        words += [] if "--timeout" in more else ["--timeout", "10s"]
        return words + list(more)

    def start(self, operation, *more):
        return program.start(self.ns, *self.arguments(operation, *more))

    def agent(self, operation, *more):
        return program.finish(self.start(operation, *more))

    def peer_arguments(self):
        words = []
        for peer in self.network.peers_of(self):
            words += ["--peer", f"{peer.name}={peer.vtep}"]
            words += ["--peer", f"{peer.name}={peer.vtep6}"] if self.network.dual else []
        return words

    # --- what is there ---
    def state(self):
        """What the kernel has, in a form that two moments can be compared by."""
        links = {link["ifname"]: link["ifindex"] for link in self.ns.ip("link", "show")}
        keep = ("dst", "gateway", "dev", "protocol", "scope", "flags", "type", "prefsrc", "metric")
        routes = sorted(str({key: route.get(key) for key in keep}) for family in ("-4", "-6")
                        for route in self.ns.ip(family, "route", "show"))
        neighbours = sorted(str((one["dst"], one["dev"], one.get("lladdr"))) for one in self.ns.ip("neigh", "show", "nud", "permanent"))
        addresses = sorted(str((link["ifname"], one["local"], one["prefixlen"])) for link in self.ns.ip("addr", "show")
                           for one in link["addr_info"] if one["scope"] != "link")
        return links, routes, neighbours, sorted(self.fdb()), addresses

    def fdb(self):
        return [line for line in self.ns.run("bridge", "fdb", "show").splitlines() if " dst " in line]

    def routes(self, *words):
        return self.ns.ip(*(words or ("-4",)), "route", "show")
