"""Throw-away network namespaces with flannel's or Calico's state in them, and the agent at work there."""
import os
import shutil
import signal
import sys
import unittest

from . import program
from .network import Network, remove_leftovers
from .pinger import Pinger
from .shell import run

PROGRAMS = ("ip", "bridge", "iptables-nft", "iptables-legacy", "ip6tables-nft", "ip6tables-legacy", "nft", "ipset", "ping", "setpriv", "unshare")
SKIPPED = 77  # as CMakeLists.txt tells ctest


def why_not(programs):
    """What is missing on this machine, or None. `programs`: paths of what the test has to have beside, by what names them."""
    if os.geteuid() != 0:
        return "not root"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return "missing programs: " + " ".join(missing)
    if not program.AGENT:
        return "FM_AGENT does not name the agent program"
    for name, path in programs.items():
        if not path:
            return f"{name} names no program, and test/lab/build has built none"
    try:
        run("unshare", "-n", "ip", "link", "add", "x", "type", "vxlan", "id", "1", "dstport", "8472")
    except AssertionError as error:
        return f"no network namespace with a VXLAN device can be made here: {error}"
    return None


def main(**programs):
    reason = why_not(programs)
    if reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    remove_leftovers()
    unittest.main(verbosity=2)


class NodeTest(unittest.TestCase):
    """Tests of one node of a network that is made for each of them."""

    options = {}

    def setUp(self):
        self.network = self.enterContext(Network(**self.options))
        self.node = self.network.nodes[0]
        self.peer = self.network.nodes[1]

    def succeed(self, ran):
        self.assertEqual((ran.result, ran.code), ("Succeeded", 0), f"{ran.report}\n{ran.log}")
        return ran

    def refuse(self, ran, message):
        self.assertEqual((ran.result, ran.code), ("Refused", 3), f"{ran.report}\n{ran.log}")
        self.assertIn(message, ran.message)
        return ran

    def fail_with(self, ran, message):
        self.assertEqual((ran.result, ran.code), ("Failed", 1), f"{ran.report}\n{ran.log}")
        self.assertIn(message, ran.message)
        return ran

    def ping(self, namespace, target, **options):
        pinger = Pinger(namespace, target, **options)
        self.addCleanup(pinger.end)
        return pinger

    def assert_no_loss(self, *pingers):
        for pinger in pingers:
            sent, lost = pinger.finish()
            print(f"  {pinger.what}: {lost} of {sent} lost")
            self.assertEqual(lost, 0, pinger.what)

    def assert_reaches(self, namespace, target, size=56):
        run("ip", "netns", "exec", namespace.name, "ping", "-c", "1", "-W", "2", "-M", "do", "-s", str(size), target)
