"""Watches the pods of the pod network: no two ever have one address; when pods went, and how long their places were empty."""
import ipaddress
import time

from .lab import is_ready

WAITING = 3.0  # seconds that a watch may be late by
ENDING = 10.0  # seconds that a pod without grace may outlive its object: kubelet gives it two, and may be late


class AddressWatch:
    """`with AddressWatch(lab) as watch:` raises when an address is given twice.

    on_gone(address) is called, in the watching thread, when the pod with an address goes.
    gone     time (seconds since 1970) at which the pod with an address was asked to go, or was gone
    absent   {(name of the DaemonSet, node): seconds until the successor of its pod was Ready}
    back     the time from which on it was the only one
    """

    def __init__(self, lab, on_gone):
        self._lab, self._on_gone = lab, on_gone
        self._present, self._left = {}, {}
        self.gone, self.absent, self.back = {}, {}, {}

    def __enter__(self):
        self._watch = self._lab.watch("pods", on_change=self._on_pod)
        return self

    def __exit__(self, kind, error, trace):
        self._watch.__exit__(kind, error, trace)

    def end_of(self, *addresses):
        """Until when all these pods had to answer; None when they are all still there."""
        times = [self.gone[address] for address in addresses if address in self.gone]
        return min(times) - WAITING if times else None

    def _on_pod(self, change):
        pod = change.object
        if pod["spec"].get("hostNetwork"):
            return
        ended = change.type == "DELETED" or pod["status"].get("phase") in ("Succeeded", "Failed")
        if ended or "deletionTimestamp" in pod["metadata"]:
            self._note_end(pod)
        if ended:
            self._present.pop(pod["metadata"]["uid"], None)
            return
        self._note_addresses(pod)
        self._note_successor(pod)

    def _note_end(self, pod):
        now = time.time()
        for address in addresses_of(pod):
            if address not in self.gone:
                self.gone[address] = now
                self._on_gone(address)
        if place_of(pod):
            self._left.setdefault(place_of(pod), now)

    def _note_addresses(self, pod):
        mine = addresses_of(pod)
        self._present[pod["metadata"]["uid"]] = (mine, described(pod))
        for uid, (others, name) in self._present.items():
            both = mine & others if uid != pod["metadata"]["uid"] else set()
            assert not both, f"{described(pod)} was given {both}, which {name} has"

    def _note_successor(self, pod):
        place = place_of(pod)
        if place in self._left and is_ready(pod) and "deletionTimestamp" not in pod["metadata"]:
            now, left = time.time(), self._left.pop(place)
            self.absent[place] = now - left
            self.back[place] = max(now, left + ENDING)


def described(pod):
    meta = pod["metadata"]
    going = f", going since {meta['deletionTimestamp']}" if "deletionTimestamp" in meta else ""
    return f"{meta['name']} (made {meta.get('creationTimestamp')}, {pod['status']['phase']}{going})"


def addresses_of(pod):
    return {str(ipaddress.ip_address(one["ip"])) for one in pod["status"].get("podIPs", [])}


def place_of(pod):
    """For a DaemonSet's pod, what its successor has in common with it."""
    owners = [owner["name"] for owner in pod["metadata"].get("ownerReferences", []) if owner["kind"] == "DaemonSet"]
    return (owners[0], pod["spec"].get("nodeName")) if owners else None
