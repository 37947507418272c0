"""Alerts of the chart, in a real Prometheus that scrapes the operator: each is made to fire by its cause, and ends with it."""
import json
import os
import re
import subprocess
import unittest

import lib
from lib import paths, prometheus
from lib.peer_case import LEASE, LIST_NODES, WATCH_NODES, WRITE_STATUS, PeerCase
from lib.rude_server import PATIENCE, Exchange, refuse
from lib.small_cluster import MIGRATION

RUNBOOK = os.path.join(paths.ROOT, "operator", "docs", "runbook.md")
DASHBOARD = os.path.join(paths.CHART, "files", "dashboard.json")
STATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "alert_states.yaml")
# With an MTU that no agent has to be asked for: none ever runs here.
MOVING = {"spec": {"mode": "Run", "flannel": {"mtu": 1450}}}
# A release that was not run, which is a finding.
NEWER = {"spec": {"template": {"spec": {"containers": [{"name": "calico-node", "image": "quay.io/calico/node:v3.99.0"}]}}}}
UNAVAILABLE = refuse(503, "ServiceUnavailable", "etcd is away")


def rules():
    with open(prometheus.ALERTS, encoding="utf-8") as file:
        return file.read()


def alert_names():
    return re.findall(r"- alert: (\w+)", rules())


class WatchedCase(PeerCase):
    """A Prometheus beside the operator."""

    def watch(self, *operators):
        self.prometheus = prometheus.Prometheus(self.directory, [operator.port for operator in operators])
        self.addCleanup(self.prometheus.stop)


class AlertsTest(WatchedCase):
    def assert_fires(self, alert):
        self.wait_until(lambda: alert in self.prometheus.firing(), f"{alert} fires, but {self.prometheus.firing()}")

    def assert_ends(self, alert):
        self.wait_until(lambda: self.prometheus.query("flannel_migration_leader") and alert not in self.prometheus.firing(),
                        f"{alert} ends")

    def test_a_blocked_migration(self):
        self.watch(self.start_ready())
        calico = self.api.find("DaemonSet", "calico-node", "kube-system")
        self.api.delete("DaemonSet", "calico-node", "kube-system")
        self.assert_fires("FlannelMigrationBlocked")
        self.api.create(calico)
        self.assert_ends("FlannelMigrationBlocked")

    def test_no_operator(self):
        operator = self.start_ready()
        self.watch(operator)
        self.assert_ends("FlannelMigrationOperatorDown")
        operator.kill()
        self.assert_fires("FlannelMigrationOperatorDown")
        operator.start()
        self.assert_ends("FlannelMigrationOperatorDown")

    def test_no_leader(self):
        self.server.answer(LEASE, refuse(403, "Forbidden", "leases may not be written"))
        self.watch(self.start(leader_elect=True))
        self.assert_fires("FlannelMigrationNoLeader")
        self.server.answer(LEASE, Exchange.usual)
        self.assert_ends("FlannelMigrationNoLeader")

    def test_two_leaders(self):
        first = self.start_ready()
        second = self.start_ready()
        self.addCleanup(first.stop)
        self.watch(first, second)
        self.assert_fires("FlannelMigrationTwoLeaders")
        first.stop()
        self.assert_ends("FlannelMigrationTwoLeaders")

    def test_requests_that_fail(self):
        self.watch(self.start_ready())
        self.server.answer(WRITE_STATUS, UNAVAILABLE)
        self.api.patch("FlannelMigration", MIGRATION, {"spec": {"paused": True}})
        self.assert_fires("FlannelMigrationRequestsFail")
        self.server.answer(WRITE_STATUS, Exchange.usual)
        self.assert_ends("FlannelMigrationRequestsFail")

    def test_a_kind_that_cannot_be_watched(self):
        self.watch(self.start_ready())
        for asked in (WATCH_NODES, LIST_NODES):
            self.server.answer(asked, UNAVAILABLE)
        self.api.expire_watches()
        self.assert_fires("FlannelMigrationWatchFails")
        for asked in (WATCH_NODES, LIST_NODES):
            self.server.answer(asked, Exchange.usual)
        self.assert_ends("FlannelMigrationWatchFails")

    def test_a_node_that_goes_nowhere(self):
        """No kubelet is here, so that the node's agent never begins."""
        self.api.patch("FlannelMigration", MIGRATION, MOVING)
        self.watch(self.start_ready())
        self.assert_fires("FlannelMigrationStalled")
        self.api.patch("FlannelMigration", MIGRATION, {"spec": {"paused": True}})
        for name in self.out_of_service():
            self.api.delete("Node", name)
        self.assert_ends("FlannelMigrationStalled")

    def out_of_service(self):
        return [node["name"] for node in self.statuses()[-1]["active"]]


class DashboardTest(WatchedCase):
    def expressions(self):
        with open(DASHBOARD, encoding="utf-8") as file:
            return [target["expr"] for panel in json.load(file)["panels"] for target in panel["targets"]]

    def test_each_query_of_the_dashboard_has_data_while_nodes_move(self):
        self.api.patch("FlannelMigration", MIGRATION, MOVING)
        self.api.patch("DaemonSet", "calico-node", NEWER, "kube-system")
        self.server.answer(WATCH_NODES, UNAVAILABLE)
        self.start()
        self.server.wait_for(WATCH_NODES)
        self.server.answer(WATCH_NODES, Exchange.usual)
        self.watch(self.operator)
        missing = {prometheus.hurried(expression) for expression in self.expressions()}

        def all_answered():
            missing.difference_update([one for one in missing if self.prometheus.query(one)])
            return not missing

        self.wait_until(all_answered, "data for every query", timeout=2 * PATIENCE)


class RulesTest(unittest.TestCase):
    def test_the_rules_are_rules(self):
        subprocess.run([prometheus.program("promtool"), "check", "rules", prometheus.ALERTS], check=True, capture_output=True)

    def test_each_alert_has_a_page_of_the_runbook(self):
        with open(RUNBOOK, encoding="utf-8") as file:
            pages = re.findall(r"^## (\w+)$", file.read(), re.MULTILINE)
        self.assertEqual(pages, alert_names())
        self.assertEqual(re.findall(r"runbook: operator/docs/runbook.md#(\w+)", rules()), [name.lower() for name in alert_names()])

    def test_alerts_come_after_their_time_and_go(self):
        """Those of states that take hours, from series that are written down."""
        subprocess.run([prometheus.program("promtool"), "test", "rules", STATES], check=True, cwd=os.path.dirname(STATES))


class MetricsTest(PeerCase):
    def test_names_and_units_follow_the_conventions(self):
        operator = self.start_ready()
        text = operator.http("/metrics")[1]
        checked = subprocess.run([prometheus.program("promtool"), "check", "metrics"], input=text, text=True, capture_output=True)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))


if __name__ == "__main__":
    lib.main(needs_cluster=False, needs_operator=True, needs_prometheus=True)
