"""Everything that happens to the objects of one resource, in order: for waiting, and for invariants at every change."""
import collections
import http.client
import socket
import threading
import time

from .api import ApiError

Change = collections.namedtuple("Change", "time type object")  # time is time.monotonic()


class Watch:
    """Lists once, then follows. Survives restarts of the API server; changes that were missed show up as ADDED again.

    `on_change(change)` is called in the watching thread for every change; what it raises is raised by close() and wait().
    """

    def __init__(self, api, resource, namespace=None, on_change=None):
        self._api, self._resource, self._namespace, self._on_change = api, resource, namespace, on_change
        self._condition = threading.Condition()
        self._closed = False
        self._connection = None
        self._error = None
        self.history = []
        self.objects = {}
        self._version = self._relist()
        threading.Thread(target=self._follow, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self._end()
        if kind is None:
            self._raise_error()

    def close(self):
        self._end()
        self._raise_error()

    def _end(self):
        with self._condition:
            self._closed = True
        try:
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        except (AttributeError, OSError):
            pass  # not connected just now

    def wait(self, predicate, timeout):
        """Until `predicate(objects by name)` is true; its value, or None when the time is over."""
        deadline = time.monotonic() + timeout
        with self._condition:
            while True:
                self._raise_error()
                found = predicate(self.objects)
                if found:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._condition.wait(left)

    def _raise_error(self):
        if self._error:
            raise self._error

    def _relist(self):
        page = self._api.list_page(self._resource, self._namespace)
        kept = {self._key(thing): thing for thing in page["items"]}
        for key in set(self.objects) - set(kept):
            self._add("DELETED", self.objects[key])
        for thing in page["items"]:
            self._add("ADDED", thing)
        return page["metadata"]["resourceVersion"]

    def _follow(self):
        while not self._closed:
            try:
                self._follow_once()
            except (OSError, http.client.HTTPException, ApiError, ValueError):
                self._version = None
                time.sleep(0.1)
            except AssertionError as error:
                with self._condition:
                    self._error = error
                    self._condition.notify_all()
                return

    def _follow_once(self):
        if self._version is None:
            self._version = self._relist()
        self._connection = self._api.connect(timeout=3600)
        for kind, thing in self._api.stream(self._resource, self._namespace, self._version, self._connection):
            if self._closed:
                return
            if kind == "ERROR":
                raise ValueError(thing.get("message"))
            self._version = thing["metadata"]["resourceVersion"]
            if kind != "BOOKMARK":
                self._add(kind, thing)

    @staticmethod
    def _key(thing):
        meta = thing["metadata"]
        return f"{meta['namespace']}/{meta['name']}" if meta.get("namespace") else meta["name"]

    def _add(self, kind, thing):
        change = Change(time.monotonic(), kind, thing)
        with self._condition:
            self.history.append(change)
            if kind == "DELETED":
                self.objects.pop(self._key(thing), None)
            else:
                self.objects[self._key(thing)] = thing
            if self._on_change:
                self._on_change(change)
            self._condition.notify_all()
