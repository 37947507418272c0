"""An API server on loopback that behaves as a test tells it to, and records every request.

    with RudeServer(pki, api) as server:                                    # api: a SmallApi
        server.answer(Asked("GET", "/api/v1/nodes", watch=True), refuse(410, "Expired", "too old"))
        ...
        server.wait_for(Asked("GET", "/api/v1/nodes", watch=False), 2)      # "until the second list"

What no test has overridden is answered by `api`, as a well-behaved server would. An answer is a function of an Exchange;
it runs on the connection's own thread, and may take its time: `with` ends, and so does every connection.
"""
import contextlib
import http.server
import json
import re
import socket
import socketserver
import ssl
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

TOKEN = "rude-server-token-0123456789"
PATIENCE = 60  # seconds; it only ends a hang


@dataclass
class Request:
    """As it came, at `time` of the monotonic clock."""

    method: str
    path: str
    query: dict
    headers: object
    body: bytes
    time: float = field(default_factory=time.monotonic)

    @property
    def is_watch(self):
        return self.query.get("watch") == "true"

    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True)
class Asked:
    """Which requests are meant: `path` is a regular expression of the whole path, without the query."""

    method: str
    path: str
    watch: bool | None = None  # None: both

    def __call__(self, request):
        method, path = re.fullmatch(self.method, request.method), re.fullmatch(self.path, request.path)
        return bool(method and path) and self.watch in (None, request.is_watch)


class Exchange:
    """One request and the connection that it came on."""

    def __init__(self, handler):
        self._handler = handler
        self.server = handler.server.owner
        self.connection = handler.connection
        self.request = handler.record()

    # --- an answer in one piece ---

    def send(self, status, body, content_type="application/json", **headers):
        body = body if isinstance(body, bytes) else body.encode()
        self._head(status, content_type, {"Content-Length": str(len(body))} | headers)
        self.raw(body)

    def json(self, status, thing, **headers):
        self.send(status, json.dumps(thing), **headers)

    def usual(self):
        """What a well-behaved server says."""
        self.server.api.answer(self)

    # --- an answer bit by bit ---

    def begin(self, status=200, content_type="application/json", **headers):
        self._head(status, content_type, {"Transfer-Encoding": "chunked"} | headers)

    def chunk(self, data):
        data = data if isinstance(data, bytes) else data.encode()
        self.raw(b"%x\r\n%s\r\n" % (len(data), data))

    def line(self, kind, thing):
        """An event of a watch: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR."""
        self.chunk(json.dumps({"type": kind, "object": thing}) + "\n")

    def end(self):
        self.raw(b"0\r\n\r\n")

    # --- rudeness ---

    def raw(self, data):
        self.connection.sendall(data)

    def drip(self, data, pause):
        """Byte by byte, with so many seconds between them, until the peer has had enough."""
        for i in range(len(data)):
            self.raw(data[i:i + 1])
            if self.server.ending.wait(pause):
                return

    def flood(self, block, limit):
        """The same again and again, until the peer has had enough or `limit` bytes are sent; how many it took."""
        sent = 0
        with contextlib.suppress(OSError):
            while sent < limit and not self.server.ending.is_set():
                self.raw(block)
                sent += len(block)
        return sent

    def silence(self):
        """Says no more, until the peer hangs up."""
        with contextlib.suppress(OSError):
            while self.connection.recv(4096):
                pass
        self.hang_up()

    def hang_up(self):
        """Behind what was sent; the answer need not be whole."""
        self._handler.close_connection = True

    def _head(self, status, content_type, headers):
        lines = [f"HTTP/1.1 {status} Rude", f"Content-Type: {content_type}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if not self.server.keeps_alive:
            lines.append("Connection: close")
            self.hang_up()
        self.raw("\r\n".join([*lines, "", ""]).encode())


# --- answers for RudeServer.answer ---

def refuse(code, reason="", message="refused by the test", **headers):
    """A Status, as the API server refuses."""
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message}
    return lambda exchange: exchange.json(code, status, **headers)


def page(code, text):
    """What is no Kubernetes object: a proxy's page."""
    return lambda exchange: exchange.send(code, text, "text/plain")


def in_turn(*answers):
    """The first request gets the first answer, and so on; the last one stays."""
    left = list(answers)

    def answer(exchange):
        (left.pop(0) if len(left) > 1 else left[0])(exchange)

    return answer


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def record(self):
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return Request(self.command, url.path, dict(parse_qsl(url.query)), self.headers, body)

    def _answer(self):
        exchange = Exchange(self)
        self.server.owner.choose(exchange.request)(exchange)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def log_message(self, *_):
        pass


class _Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    request_queue_size = 256
    owner = None

    def finish_request(self, request, client_address):
        """On the connection's thread, so that a handshake holds nobody else up."""
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.owner.greet(request) as connection:
            _Handler(connection, client_address, self)

    def handle_error(self, request, client_address):
        self.owner.note_error()


class RudeServer:
    def __init__(self, pki, api):
        """`pki` (loopback_pki.Pki) has its certificate; `api` answers what is not overridden."""
        self.api = api
        self.ending = threading.Event()
        self.before_handshake = None  # a function of the socket, on the connection's thread; the socket to go on with
        self.keeps_alive = True       # or every request needs a connection of its own
        self.requests = []            # all, in the order in which they came
        self.faults = []              # of the test's own answers
        self._came = threading.Condition()
        self._answers = []
        self._open = set()
        self._listener = _Listener(("127.0.0.1", 0), _Handler)
        self._listener.owner = self
        self.url = f"https://127.0.0.1:{self._listener.server_address[1]}"
        self.show_certificate(pki)

    def __enter__(self):
        # Its own loop only looks for the end.
        threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.api.close()
        self._listener.shutdown()
        self._listener.server_close()
        self.cut_connections()

    def show_certificate(self, pki):
        """From now on; connections that stand keep what they have seen."""
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(pki.certificate, pki.key)

    def cut_connections(self):
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                # Not SSLSocket's, which would take the encryption away from the thread that writes.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    # --- what a test tells it ---

    def answer(self, asked, answer):
        """From now on; of several overrides that are meant, the last one counts."""
        self._answers.append((asked, answer))

    # --- what a test learns ---

    def seen(self, asked, since=0.0):
        return [request for request in list(self.requests) if request.time >= since and asked(request)]

    def wait_for(self, asked, count=1, timeout=PATIENCE, since=0.0):
        """Until so many of these requests have come; they."""
        if not self.wait_until(lambda: len(self.seen(asked, since)) >= count, timeout):
            raise AssertionError(f"after {timeout} s only {len(self.seen(asked, since))} of {count} requests {asked}")
        return self.seen(asked, since)

    def count_up_to(self, asked, count, timeout, since=0.0):
        """How many of these requests come within so many seconds; does not wait for more than `count`."""
        self.wait_until(lambda: len(self.seen(asked, since)) >= count, timeout)
        return len(self.seen(asked, since))

    def wait_until(self, predicate, timeout=PATIENCE):
        """Asks again with every request that comes; whether predicate() was true in time."""
        with self._came:
            return self._came.wait_for(predicate, timeout)

    # --- of its connections ---

    @contextlib.contextmanager
    def greet(self, connection):
        if self.before_handshake:
            connection = self.before_handshake(connection)
        with self._tls.wrap_socket(connection, server_side=True) as secured:
            self._open.add(secured)
            try:
                yield secured
            finally:
                self._open.discard(secured)

    def choose(self, request):
        with self._came:
            self.requests.append(request)
            self._came.notify_all()
        meant = [answer for asked, answer in self._answers if asked(request)]
        return meant[-1] if meant else Exchange.usual

    def note_error(self):
        """A peer that hangs up is nothing to speak of; anything else is a fault of the test."""
        if not isinstance(sys.exception(), OSError):
            self.faults.append(traceback.format_exc())
