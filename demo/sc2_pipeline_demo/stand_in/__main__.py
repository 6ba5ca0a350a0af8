"""The stand-in as a program: takes the game's command line, listens, and serves one client.

``python -m sc2_pipeline_demo.stand_in -baseBuild N -listen 127.0.0.1 -port P [-dataVersion HASH] ...``
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from itertools import pairwise
from typing import NoReturn

from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline_demo.stand_in.faults import BOOT_FAULTS, ENDING_BOOT_FAULTS, Fault, read_control
from sc2_pipeline_demo.stand_in.session import Identity, Session, ignore_requests_to_end, leave_child
from sc2_pipeline_demo.stand_in.websocket_server import ClosedError, Peer, drip, shake_hands

_PATH = b"/sc2api"
_PENDING_SECONDS = 0.005
_WRAPPED = "SC2_STAND_IN_WRAPPED"
"""Environment variable of a stand-in that a wrapper started."""
_NOT_RUN = 127
"""Exit code of a program that the loader or the shell could not run."""


def main(arguments: list[str]) -> None:
    """Runs until the client asks it to quit or a signal ends it."""
    told = {name: value for name, value in pairwise(arguments) if name.startswith("-")}
    faults = _boot_faults(int(told["-baseBuild"]))
    if "crash_on_boot" in faults:
        sys.exit("the stand-in was told to end before it listens")
    if "wrapper" in faults and _WRAPPED not in os.environ:
        search = os.pathsep.join(filter(None, sys.path))
        wrapped = os.environ | {_WRAPPED: "1", "PYTHONPATH": search}
        sys.exit(
            subprocess.run(
                [sys.executable, "-m", "sc2_pipeline_demo.stand_in", *arguments], env=wrapped, check=False
            ).returncode
        )
    if "missing_library" in faults:
        sys.stderr.write(f"{faults['missing_library'].words}\n")
        sys.exit(_NOT_RUN)
    if "ignored_sigterm" in faults:
        ignore_requests_to_end()
    if "slow_boot" in faults:
        time.sleep(faults["slow_boot"].seconds)
    if "left_child" in faults:
        leave_child()
    if "flooded_output" in faults:
        threading.Thread(target=_print_on, daemon=True).start()
    if "never_listens" in faults:
        Session.hang()
    session = Session(Identity(int(told["-baseBuild"]), told.get("-dataVersion", ""), told.get("-tempDir", "")))
    with socket.create_server((told["-listen"], int(told["-port"]))) as server:
        while True:
            _serve(server.accept()[0], session, faults)


def _boot_faults(base_build: int) -> dict[str, Fault]:
    """Faults due at this start, by kind; of those that prevent the boot, at most one. The wrong version is counted when
    it is reported."""
    control = read_control()
    alone = [(kind,) for kind in BOOT_FAULTS if kind not in (*ENDING_BOOT_FAULTS, "wrong_version")]
    due = [control.strikes(kinds, base_build=base_build) for kinds in (ENDING_BOOT_FAULTS, *alone)]
    return {fault.kind: fault for fault in due if fault is not None}


def _serve(connection: socket.socket, session: Session, faults: dict[str, Fault]) -> None:
    with connection:
        if "refused_connection" in faults:
            return
        if "dripping_handshake" in faults:
            with contextlib.suppress(ClosedError):
                drip(connection, b"HTTP/1.1 101 Switching Protocols\r\n" + b"X-Padding: none\r\n" * 1_000_000)
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


def _print_on() -> NoReturn:
    line = b"x" * 1023 + b"\n"
    while True:
        os.write(1, line * 1024)


def _quit(faults: dict[str, Fault]) -> None:
    if "death_in_quit" in faults:
        os.abort()
    if "ignored_sigterm" not in faults:
        sys.exit(0)


def _answer(peer: Peer, session: Session, request: api.Request) -> bool:
    """Answers a request, correctly or with the fault that is due; returns whether the connection continues."""
    reply = session.answer(request)
    if session.assumptions.refuses_pipelining and peer.has_sent_more(_PENDING_SECONDS):
        reply = api.Response(
            id=request.id, status=api.in_replay, error=["another request is pending"]
        ).SerializeToString()
    fault = session.fault_due() if request.HasField("observation") else None
    if fault is None:
        peer.send(reply)
        return True
    match fault.kind:
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "hang":
            Session.hang()
        case "frozen_loop":
            session.freeze()
        case "loop_jump":
            session.jump(fault.game_loops_jumped)
        case "memory_growth":
            session.hoard(fault.megabytes)
        case "closed_connection":
            peer.leave()
            return False
        case _:
            return _answer_wrongly(peer, fault.kind, request, reply)
    peer.send(reply)
    return True


def _answer_wrongly(peer: Peer, kind: str, request: api.Request, reply: bytes) -> bool:
    """Sends a faulty answer; returns whether the connection continues."""
    match kind:
        case "error_reply":
            peer.send(api.Response(id=request.id, status=api.in_replay, error=["told to fail"]).SerializeToString())
        case "early_result":
            response = api.Response.FromString(reply)
            response.observation.player_result.add(player_id=1, result=api.Victory)
            peer.send(response.SerializeToString())
        case "bare_error":
            peer.send(api.Response(error=["told to fail"]).SerializeToString())
        case "garbled_bytes":
            peer.send(b"\xff" * 64)
        case "truncated_frame":
            peer.send_part(reply)
            peer.leave()
            return False
        case "dripping_answer":
            peer.drip(reply)
        case "endless_pings":
            peer.ping_on()
        case "endless_answer":
            peer.send_on()
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
