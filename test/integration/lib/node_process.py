"""A program that runs in a node of a lab, or in the network of one of its pods, for as long as a test looks on."""
import os
import re
import signal
import subprocess
import time

from . import paths

STOP_SECONDS = 30


class NodeProcess:
    """`source` is an address in one of the node's network namespaces; "" is the node itself. The output goes to a file."""

    def __init__(self, lab, name, node, source, command):
        self.name, self.node, self.source = name, node, source
        self._path = os.path.join(lab.directory, "talks", re.sub(r"[^\w.]+", "_", name))
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        inside = ["ip", "netns", "exec", namespace_of(lab, node, source)] if source else []
        with open(self._path, "w", encoding="utf-8") as output:
            # A group of its own: a signal reaches the program itself, behind those that lead into the node.
            self._process = subprocess.Popen(
                [paths.lab_script("enter"), lab.directory, node, *inside, *command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        self.started = time.time()

    def interrupt(self):
        """It ends soon. One that goes on would keep the network of a pod that is gone, and with it the node's end of the link."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)

    def stop(self):
        self.interrupt()
        if self._process.poll() is None:
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def output(self):
        with open(self._path, encoding="utf-8") as output:
            return output.read()


def namespace_of(lab, node, address):
    """The network namespace of a node that has this address: a pod's."""
    script = 'for n in $(ip netns list | cut -d" " -f1); do ip -n $n addr show | grep -qF " $1/" && echo $n; done; true'
    names = lab.enter(node, "sh", "-c", script, "_", address).split()
    if len(names) != 1:
        raise AssertionError(f"{address} is in {len(names)} network namespaces of {node}")
    return names[0]
