"""What the API server was asked for, from its audit log."""
import collections
import datetime
import itertools
import json
import os

WRITES = ("create", "update", "patch", "delete", "deletecollection")
Request = collections.namedtuple("Request", "verb resource subresource namespace name code user_agent user uri time credential")


def _request(event):
    target = event.get("objectRef", {})
    return Request(event["verb"], target.get("resource", ""), target.get("subresource", ""), target.get("namespace", ""),
                   target.get("name", ""), event.get("responseStatus", {}).get("code", 0), event.get("userAgent", ""),
                   event.get("user", {}).get("username", ""), event["requestURI"], event["requestReceivedTimestamp"],
                   next(iter(event.get("user", {}).get("extra", {}).get("authentication.kubernetes.io/credential-id", [])), ""))


class AuditLog:
    """`mark()` makes everything before it invisible, so that one test counts only its own requests.

    A request is written down when it is finished, which others may see before the log tells of it (an object is gone
    before the request that took it away is answered): what had begun before the mark is none of the test's.
    """

    def __init__(self, path):
        self._path = path
        self._start = 0
        self._since = ""

    def mark(self):
        self._since = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self._start = os.path.getsize(self._path) if os.path.exists(self._path) else 0

    def requests(self, user_agent="flannel-migration-operator"):
        """All finished requests of a program but watches, those of leader election included."""
        if not os.path.exists(self._path):
            return []
        with open(self._path, "rb") as log:
            log.seek(self._start)
            # The last line may be half written.
            events = [json.loads(line) for line in log if line.endswith(b"\n")]
        return [_request(event) for event in events
                if event.get("userAgent", "").startswith(user_agent) and event["verb"] != "watch"
                and event["stage"] == "ResponseComplete" and event["requestReceivedTimestamp"] >= self._since]

    def without_lease(self, **options):
        return [request for request in self.requests(**options) if request.resource != "leases"]

    def writes(self, **options):
        """Writes that could change something: not the ones that only ask (access reviews), not leader election."""
        return [request for request in self.without_lease(**options)
                if request.verb in WRITES and not request.resource.endswith("accessreviews")]

    def writes_beyond_status(self, **options):
        """What must be empty while a migration is blocked, paused or only planned. Events are told to people, like status."""
        return [request for request in self.writes(**options)
                if (request.resource, request.subresource) != ("flannelmigrations", "status")
                and request.resource != "events"]

    def writers(self, **options):
        """The tokens that changed something, each once for each time that it followed another one."""
        writes = sorted(self.writes(**options), key=lambda request: request.time)
        return [one for one, _ in itertools.groupby(request.credential for request in writes)]

    def forbidden(self, **options):
        return [request for request in self.requests(**options) if request.code == 403]

    def table(self, **options):
        """Requests by verb and resource, most frequent first: for benchmarks and messages of failed tests."""
        counts = collections.Counter(
            f"{request.verb} {request.resource}{'/' if request.subresource else ''}{request.subresource}"
            for request in self.requests(**options))
        return "\n".join(f"{count:7} {what}" for what, count in counts.most_common())
