"""Files of a node's host as flannel, its CNI plugin, Canal and Calico leave them."""
import json
import os

FLANNEL_CONF = {"name": "cbr0", "cniVersion": "0.3.1", "plugins": [
    {"type": "flannel", "delegate": {"hairpinMode": True, "isDefaultGateway": True}},
    {"type": "portmap", "capabilities": {"portMappings": True}}]}
CALICO_CONF = {"name": "k8s-pod-network", "cniVersion": "0.3.1", "plugins": [
    {"type": "calico", "datastore_type": "kubernetes", "ipam": {"type": "calico-ipam"}}, {"type": "portmap"}]}
CANAL_CONF = {"name": "k8s-pod-network", "cniVersion": "0.3.1", "plugins": [
    {"type": "calico", "datastore_type": "kubernetes", "ipam": {"type": "host-local", "subnet": "usePodCidr"}}]}
NETD = "etc/cni/net.d"
LEASES = "var/lib/cni/networks"


class Files:
    def __init__(self, root):
        self.root = root
        for folder in (NETD, "run/flannel", f"{LEASES}/cbr0", "var/lib/calico", "var/run/calico", "var/lib/cni/flannel"):
            os.makedirs(self.path(folder))

    def path(self, name):
        return os.path.join(self.root, name)

    def write(self, name, content):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", newline="") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))

    def read(self, name):
        with open(self.path(name), newline="") as file:
            return file.read()

    def has(self, name):
        return os.path.lexists(self.path(name))

    def list(self, name):
        path = self.path(name)
        return sorted(os.listdir(path)) if os.path.isdir(path) else []

    def all(self):
        """{path: content} of everything, to compare before and after."""
        found = {}
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    found[os.path.relpath(path, self.root)] = "-> " + os.readlink(path)
                elif os.path.isfile(path) and os.path.getsize(path) < 1 << 16:
                    with open(path, newline="") as file:
                        found[os.path.relpath(path, self.root)] = file.read()
                else:
                    found[os.path.relpath(path, self.root)] = "?"
        return found

    def lay_flannel(self, subnet_env):
        self.write(f"{NETD}/10-flannel.conflist", FLANNEL_CONF)
        self.write("run/flannel/subnet.env", subnet_env)
        self.write("run/xtables.lock", "")

    def lease(self, address, network="cbr0"):
        self.write(f"{LEASES}/{network}/{address}", "c0ffee\r\neth0")
        self.write(f"{LEASES}/{network}/last_reserved_ip.0", address)

    def lay_calico(self):
        self.write(f"{NETD}/10-calico.conflist", CALICO_CONF)
        self.write(f"{NETD}/calico-kubeconfig", "token")
        self.write("var/lib/calico/nodename", "n1")
        self.write("var/lib/calico/mtu", "1450")
        self.write("var/run/calico/some.sock", "")
