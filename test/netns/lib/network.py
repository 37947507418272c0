"""A small cluster network: nodes on one wire, each a namespace with a root folder for its files."""
import atexit
import itertools
import os
import re
import shutil
import tempfile

from .node import Node
from .shell import Namespace, run

_count = itertools.count()


def remove_leftovers():
    """Namespaces of earlier runs of these tests that were killed: the name has the process in it."""
    for line in run("ip", "netns", "list").splitlines():
        name = line.split()[0]
        ours = re.fullmatch(r"fm(\d+)x\d+\w+", name)
        if ours and not os.path.exists(f"/proc/{ours[1]}"):
            run("ip", "netns", "delete", name, check=False)


class Network:
    """`nodes` nodes with flannel's state on each of them, every node the others' peer; `bare`: only its files."""

    def __init__(self, nodes=2, dual=False, vni=1, port=8472, mtu=1450, bare=False):
        self.prefix = f"fm{os.getpid()}x{next(_count)}"
        self.dual, self.vni, self.port, self.mtu = dual, vni, port, mtu
        self.namespaces = []
        self.folder = tempfile.mkdtemp(prefix="fm-netns-")
        atexit.register(self.close)  # also when the run is interrupted
        try:
            self.wire = self.namespace("wire")
            self.wire.batch("link add br0 type bridge", "link set br0 up")
            self.nodes = [Node(self, i) for i in range(1, nodes + 1)]
            for node in self.nodes:
                node.lay_files()
            for node in self.nodes if not bare else []:
                node.lay_flannel()
        except BaseException:
            self.close()
            raise

    def namespace(self, name):
        made = Namespace(f"{self.prefix}{name}")
        self.namespaces.append(made)
        return made

    def peers_of(self, node):
        return [peer for peer in self.nodes if peer is not node]

    def close(self):
        atexit.unregister(self.close)
        while self.namespaces:
            self.namespaces.pop().delete()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
