"""The operator beside an API server, and under probes, that take their time: nobody may hold it up."""
import contextlib
import http.client
import os
import shutil
import socket
import threading
import time
import unittest

import lib
from lib.peer_case import LEASE, LIST_NODES, REVIEW, WATCH_NODES, WRITE_STATUS, PeerCase
from lib.rude_server import PATIENCE, Exchange, refuse
from lib.small_cluster import extra_node

PAUSE = 0.4         # seconds between two bytes: shorter than any time-out of a single read
ENDLESS = b" " * 100_000
SHORT_END = 4       # seconds: twice what is allowed, and less than the time-out of a connection
WINDOW = 5          # seconds of watching that nothing comes
LEASE_SECONDS = 15  # after the last renewal another operator may lead


def dripping(exchange):
    """An answer that begins well, and then comes byte by byte, for hours."""
    exchange.begin()
    exchange.drip(ENDLESS, PAUSE)


def releases(request):
    """The write by which a leader gives its lease away."""
    return LEASE(request) and b'"holderIdentity":""' in request.body


class SlowClients:
    """So many clients of the operator's own server, each in the midst of its request: a header that comes byte by byte."""

    def __init__(self, port, count):
        self._ending = threading.Event()
        self._sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
        self._threads = [threading.Thread(target=self._drip, args=(one,)) for one in self._sockets]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _drip(self, connection):
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: rude\r\nX-Slow: ")
            while not self._ending.wait(PAUSE):
                connection.sendall(b"a")


class SlowRelay:
    """For RudeServer.before_handshake: on connections that come while `fast` is not set, what the server says comes byte by byte
    until it is set again."""

    def __init__(self):
        self.fast = threading.Event()
        self.fast.set()

    def __call__(self, accepted):
        outer = socket.socket(fileno=accepted.detach())  # closed by the threads, and by nobody before
        inner, ours = socket.socketpair()
        answer = self._pump if self.fast.is_set() else self._drip
        for pump, source, sink in ((self._pump, outer, ours), (answer, ours, outer)):
            threading.Thread(target=pump, args=(source, sink), daemon=True).start()
        return inner

    @staticmethod
    def _pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def _drip(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                while data and not self.fast.wait(PAUSE):
                    sink.sendall(data[:1])
                    data = data[1:]
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


class SlowClientsTest(PeerCase):
    """17"""

    def test_slow_clients_do_not_keep_a_probe_from_its_answer(self):
        operator = self.start_ready()
        with SlowClients(operator.port, 20):
            connection = http.client.HTTPConnection("127.0.0.1", operator.port, timeout=10)
            with contextlib.closing(connection):
                connection.request("GET", "/healthz")
                self.assertEqual(connection.getresponse().status, 200)

    def test_slow_clients_do_not_keep_the_operator_from_its_end(self):
        operator = self.start_ready()
        with SlowClients(operator.port, 20):
            self.assert_ends()


class DrippingAnswerTest(PeerCase):
    """18 and 27: a time-out is of the whole answer, not of a byte."""

    def test_a_lease_that_is_answered_byte_by_byte_is_asked_for_again(self):
        self.start_ready(leader_elect=True)
        before = len(self.server.seen(LEASE))
        self.server.answer(LEASE, dripping)
        self.server.wait_for(LEASE, before + 2)

    def test_an_access_review_that_is_answered_byte_by_byte_is_asked_for_again(self):
        self.server.answer(REVIEW, dripping)
        self.start()
        self.server.wait_for(REVIEW, 2, timeout=90)

    def test_a_list_whose_headers_come_byte_by_byte_is_asked_for_again(self):
        self.server.answer(LIST_NODES, lambda exchange: exchange.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"v" * 100_000, PAUSE))
        self.start()
        self.server.wait_for(LIST_NODES, 2, timeout=90)

    def test_a_release_that_is_answered_byte_by_byte_does_not_hold_the_end(self):
        self.start_ready(leader_elect=True)
        self.server.answer(releases, dripping)
        self.assert_ends()


class SlowHandshakeTest(PeerCase):
    """29 and 30: connections that stand, but whose handshake takes its time."""

    def setUp(self):
        super().setUp()
        self.relay = SlowRelay()
        self.addCleanup(self.relay.fast.set)
        self.server.before_handshake = self.relay
        self.server.keeps_alive = False

    def test_nothing_is_written_with_a_lease_that_ran_out_while_the_connection_was_made(self):
        self.start_ready(leader_elect=True)
        renewed = self.server.seen(LEASE)[-1].time
        self.relay.fast.clear()
        self.api.create(extra_node(self.NODES))  # which is told by a watch that stands, and leads to another status
        self.server.ending.wait(renewed + LEASE_SECONDS + 1 - time.monotonic())
        self.server.answer(LEASE, Exchange.silence)  # so that it is not renewed from now on either
        freed = time.monotonic()
        self.relay.fast.set()
        written = self.server.count_up_to(WRITE_STATUS, 1, WINDOW, since=freed)
        self.assertEqual(written, 0, f"{freed - renewed:.1f} s and more after the lease was renewed")

    def test_a_handshake_that_comes_byte_by_byte_does_not_hold_the_end(self):
        self.start_ready(leader_elect=True)
        self.relay.fast.clear()
        self.assert_ends()

    def test_a_handshake_that_never_comes_does_not_hold_the_end(self):
        self.start_ready(leader_elect=True)
        self.server.before_handshake = self.never
        self.assert_ends(SHORT_END)

    def never(self, connection):
        self.server.ending.wait()
        return connection


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "needs root, for a resolv.conf of its own")
class SilentDnsTest(PeerCase):
    """30"""

    SERVER = "127.90.90.90"

    def test_a_name_server_that_is_silent_does_not_hold_the_end(self):
        resolver = os.path.join(self.directory, "resolv.conf")
        with open(resolver, "w", encoding="utf-8") as file:
            file.write(f"nameserver {self.SERVER}\n")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.settimeout(PATIENCE)
            silent.bind((self.SERVER, 53))
            self.start(leader_elect=True, server="https://rude.test:6443",
                       wrapper=["unshare", "--mount", "sh", "-c", f'mount --bind {resolver} /etc/resolv.conf && exec "$@"', "sh"])
            silent.recv(512)  # somebody asks
            self.assert_ends(SHORT_END)


class RetryAfterTest(PeerCase):
    """30: the server says when, and is believed."""

    WAIT = 30  # seconds, as the server says

    def assert_asked_once(self, asked):
        self.server.answer(asked, refuse(429, "TooManyRequests", Retry_After=str(self.WAIT)))
        self.start()
        first = self.server.wait_for(asked)[0]
        self.assertEqual(self.server.count_up_to(asked, 2, WINDOW, since=first.time), 1)

    def test_a_list_waits_as_told(self):
        self.assert_asked_once(LIST_NODES)

    def test_a_watch_waits_as_told(self):
        self.assert_asked_once(WATCH_NODES)

    def test_a_status_waits_as_told(self):
        self.assert_asked_once(WRITE_STATUS)


if __name__ == "__main__":
    lib.main(needs_cluster=False, needs_operator=True)
