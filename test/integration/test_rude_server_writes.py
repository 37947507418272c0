"""The operator beside an API server that refuses what it writes, or tells it to do too much."""
import json
import unittest

import lib
from lib.peer_case import LIST_NODES, NAMESPACE, WRITE_STATUS, PeerCase
from lib.rude_server import TOKEN, Asked, in_turn, refuse
from lib.small_api import collection
from lib.small_cluster import MIGRATION, calico_data, calico_thing, migration

WINDOW = 6    # seconds of watching how often something is written
EDITS = 60
ORIGINALS = "flannel-migration-originals"
WRITE = Asked("POST|PUT|PATCH|DELETE", "(?!.*(leases|(self)?subjectaccessreviews|events|/status)).*")
DELETE = Asked("DELETE", ".*")


def echo(exchange):
    """The page of a proxy that shows what it was asked."""
    exchange.send(502, f"Bad gateway. Your request was:\n{exchange.request.headers}", "text/plain")


class RefusedStatusTest(PeerCase):
    def test_a_status_that_is_refused_as_outdated_is_not_written_again_and_again(self):
        """19: what would be newer is never told."""
        self.server.answer(WRITE_STATUS, refuse(409, "Conflict", "the object has been modified"))
        self.start()
        self.assertLess(self.server.count_up_to(WRITE_STATUS, 20, WINDOW), 20)


class EchoTest(PeerCase):
    """25"""

    def test_a_page_that_echoes_a_request_does_not_bring_the_token_into_the_log(self):
        self.server.answer(LIST_NODES, echo)
        self.start()
        self.wait_until(lambda: self.log_lines("502"), "a line of the log")
        self.assertEqual(self.log_lines(TOKEN), [])

    def test_a_page_that_echoes_a_write_does_not_bring_the_token_into_the_status(self):
        self.api.patch("FlannelMigration", MIGRATION, {"spec": {"mode": "Run"}})
        self.server.answer(WRITE, echo)
        self.start()
        self.assertTrue(self.server.wait_until(lambda: any("502" in json.dumps(status) for status in self.statuses())))
        self.assertEqual([request.path for request in self.server.requests if TOKEN.encode() in request.body], [])


class ManyEditsTest(PeerCase):
    def test_watches_that_nobody_needs_any_more_end(self):
        """28"""
        operator = self.start_ready()
        threads, descriptors = operator.threads(), operator.descriptors()
        for number in range(EDITS):
            namespace = f"somewhere-{number}"
            self.api.patch("FlannelMigration", MIGRATION, {"spec": {"calico": {"daemonSet": {"namespace": namespace}}}})
            self.server.wait_for(Asked("GET", collection("ConfigMap", namespace), watch=True))
        self.wait_until(lambda: operator.threads() < threads + EDITS / 3,
                        f"about {threads} threads, but {operator.threads()}")
        # Two for each watch: a socket, and what interrupts it.
        self.wait_until(lambda: operator.descriptors() < descriptors + EDITS,
                        f"about {descriptors} descriptors, but {operator.descriptors()}")


class ForgottenNameTest(PeerCase):
    """32: nothing is kept of a FlannelMigration that is gone."""

    def make_again(self):
        operator = self.operator
        self.api.delete("FlannelMigration", MIGRATION)
        self.wait_until(lambda: not operator.follows_a_migration(), "the end of the first one")
        self.api.create(migration())

    def test_the_phase_of_a_migration_that_is_made_again_under_its_name_is_logged_again(self):
        self.start_ready()
        self.make_again()
        self.wait_progress(f"0/{self.NODES}")
        self.assertEqual(len(self.log_lines('"msg":"phase"')), 2)


class UnseenNodesTest(PeerCase):
    """0: nodes that may not be read are no nodes that are gone."""

    def setUp(self):
        super().setUp()
        self.api.patch("FlannelMigration", MIGRATION, {"spec": {"mode": "Run"}})
        self.start()
        self.wait_until(lambda: self.api.find("ConfigMap", ORIGINALS, NAMESPACE), "a migration that has begun")
        self.operator.kill()
        self.put_calico_data()
        self.server.requests.clear()

    def put_calico_data(self):
        self.api.create(calico_thing("IPAMConfig", "default", strictAffinity=True, autoAllocateBlocks=False))
        for node in self.api.list("Node"):
            for thing in calico_data(node):
                self.api.create(thing)

    def assert_nothing_is_deleted(self, answer):
        kept = {kind: self.api.list(kind) for kind in ("IPAMBlock", "BlockAffinity", "IPAMHandle")}
        self.server.answer(LIST_NODES, answer)
        self.operator.start()
        self.server.wait_until(lambda: len(self.server.seen(LIST_NODES)) >= 5 or self.server.seen(DELETE))
        self.assertEqual([request.path for request in self.server.seen(DELETE)], [])
        self.assertEqual({kind: self.api.list(kind) for kind in kept}, kept)

    def test_nodes_that_are_refused_lose_nothing(self):
        self.assert_nothing_is_deleted(refuse(403, "Forbidden", "nodes is forbidden: User cannot list nodes"))

    def test_a_migration_that_may_not_read_nodes_says_so(self):
        self.server.answer(LIST_NODES, refuse(403, "Forbidden", "nodes is forbidden: User cannot list nodes"))
        self.operator.start()
        blocked = self.server.wait_until(lambda: any(
            status["phase"] == "Blocked" and "nodes" in status["message"] for status in self.statuses()))
        self.assertTrue(blocked, self.statuses()[-1:])

    def test_nodes_that_are_refused_once_and_then_unavailable_lose_nothing(self):
        self.assert_nothing_is_deleted(in_turn(refuse(403, "Forbidden", "webhook authorizer timed out"),
                                               refuse(503, "ServiceUnavailable", "try again")))

    def test_nodes_that_are_not_served_lose_nothing(self):
        self.assert_nothing_is_deleted(refuse(404, "NotFound", "the server could not find the requested resource"))


if __name__ == "__main__":
    lib.main(needs_cluster=False, needs_operator=True)
