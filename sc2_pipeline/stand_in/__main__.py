"""The stand-in as a program: takes the game's own arguments, listens, and answers one client.

``python -m sc2_pipeline.stand_in -baseBuild N -listen 127.0.0.1 -port P [-dataVersion HASH] ...``
"""

import os
import signal
import socket
import sys
import time
from itertools import pairwise

from s2clientprotocol import sc2api_pb2 as api

from sc2_pipeline.stand_in.faults import BOOT_FAULTS, Fault, read_control
from sc2_pipeline.stand_in.session import Identity, Session, ignore_requests_to_end
from sc2_pipeline.stand_in.websocket_server import ClosedError, Peer, shake_hands

_PATH = b"/sc2api"
_PENDING_SECONDS = 0.005


def main(arguments: list[str]) -> None:
    """Runs until the client asks it to quit or a signal ends it."""
    told = {name: value for name, value in pairwise(arguments) if name.startswith("-")}
    faults = _boot_faults()
    if "crash_on_boot" in faults:
        sys.exit("the stand-in was told to end before it listens")
    if "ignored_sigterm" in faults:
        ignore_requests_to_end()
    if "slow_boot" in faults:
        time.sleep(faults["slow_boot"].seconds)
    if "never_listens" in faults:
        Session.hang()
    session = Session(Identity(int(told["-baseBuild"]), told.get("-dataVersion", "")))
    with socket.create_server((told["-listen"], int(told["-port"]))) as server:
        while True:
            _serve(server.accept()[0], session, faults)


def _boot_faults() -> dict[str, Fault]:
    """Those faults of this start that are due, by kind; the wrong version is counted when it is told."""
    control = read_control()
    due = {kind: control.strikes((kind,)) for kind in BOOT_FAULTS if kind != "wrong_version"}
    return {kind: fault for kind, fault in due.items() if fault is not None}


def _serve(connection: socket.socket, session: Session, faults: dict[str, Fault]) -> None:
    with connection:
        if "refused_connection" in faults:
            return
        peer = shake_hands(connection, _PATH)
        if peer is None:
            return
        for message in peer.messages():
            request = api.Request.FromString(message)
            if request.HasField("quit"):
                _quit(faults)
            try:
                if not _answer(peer, session, request):
                    return
            except ClosedError:
                return


def _quit(faults: dict[str, Fault]) -> None:
    if "death_in_quit" in faults:
        os.abort()
    if "ignored_sigterm" not in faults:
        sys.exit(0)


def _answer(peer: Peer, session: Session, request: api.Request) -> bool:
    """Answers, rightly or with the fault that is due; whether the connection goes on."""
    reply = session.answer(request)
    if session.assumptions.refuses_pipelining and peer.has_sent_more(_PENDING_SECONDS):
        reply = api.Response(
            id=request.id, status=api.in_replay, error=["another request is pending"]
        ).SerializeToString()
    fault = session.fault_due() if request.HasField("observation") else None
    match fault.kind if fault is not None else "":
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "hang":
            Session.hang()
        case "frozen_loop":
            session.freeze()
        case "error_reply":
            reply = api.Response(id=request.id, status=api.in_replay, error=["told to fail"]).SerializeToString()
        case "garbled_bytes":
            reply = b"\xff" * 64
        case "truncated_frame":
            peer.send_part(reply)
            peer.leave()
            return False
        case "closed_connection":
            peer.leave()
            return False
        case "memory_growth":
            session.hoard(fault.megabytes if fault is not None else 0)
    peer.send(reply)
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
