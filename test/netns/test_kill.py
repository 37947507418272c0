"""The agent is killed after its first, second, ... change; the same operation, or the opposite one, then arrives where it should."""
import signal

import lib
from lib import NodeTest

MEMORY = "run/flannel/flannel-migration.json"


class KillTest(NodeTest):
    options = {"dual": True}

    def setUp(self):
        super().setUp()
        self.node.add_pod(7)
        self.node.files.lease("10.244.1.8", "k8s-pod-network")

    def agent(self, operation, *more):
        return self.node.agent(operation, "--settle", "0s", *more)

    def kill_at(self, change, operation, *more):
        """False when the agent was done before."""
        ran = self.agent(operation, "--kill-after", str(change), *more)
        return ran.code in (-signal.SIGKILL, 128 + signal.SIGKILL)

    def files(self):
        found = self.node.files.all()
        found.pop(MEMORY, None)
        return found

    def sweep(self, operation, undo, *more):
        """Kills `operation` at every change; each time runs it again, looks, and undoes it."""
        before = self.node.state(), self.files()
        self.succeed(self.agent(operation, *more))
        wanted = self.node.state(), self.node.files.all()
        self.succeed(self.agent(undo, *more))
        killed = 0
        while True:
            self.assertEqual((self.node.state(), self.files()), before)
            if not self.kill_at(killed + 1, operation, *more):
                break
            killed += 1
            self.succeed(self.agent(operation, *more))
            self.assertEqual((self.node.state(), self.node.files.all()), wanted, f"after change {killed}")
            self.succeed(self.agent(undo, *more))
        print(f"  {operation} {' '.join(more)}: killed after each of {killed} changes")
        return killed

    def sweep_back(self, operation, undo, *more):
        """The same, but the opposite operation follows the kill."""
        before = self.node.state(), self.files()
        killed = 0
        while self.kill_at(killed + 1, operation, *more):
            killed += 1
            self.succeed(self.agent(undo, *more))
            self.assertEqual((self.node.state(), self.files()), before, f"after change {killed}")
        return killed

    def test_a_killed_handover_is_finished_by_the_next_one(self):
        self.assertGreater(self.sweep("handover", "handback"), 5)

    def test_a_killed_handover_is_undone_by_a_handback(self):
        self.assertGreater(self.sweep_back("handover", "handback"), 5)

    def test_a_handover_killed_while_a_device_is_down_is_finished_by_the_next_one(self):
        self.assertGreater(self.sweep("handover", "handback", "--rename", "down"), 12)

    def test_a_handover_killed_while_a_device_is_down_is_undone_by_a_handback(self):
        self.assertGreater(self.sweep_back("handover", "handback", "--rename", "down"), 12)

    def test_a_killed_handback_is_finished_by_the_next_one(self):
        self.succeed(self.agent("handover", "--rename", "down"))
        self.assertGreater(self.sweep("handback", "handover", "--rename", "down"), 12)


if __name__ == "__main__":
    lib.main()
