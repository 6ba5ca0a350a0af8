import asyncio
import multiprocessing.spawn
import os
import signal
import ssl
import urllib.error
import urllib.request

import psutil
import pytest
from dask.utils import parse_timedelta
from distributed.deploy import spec

from sc2_pipeline.cluster_keys import make_security
from sc2_pipeline.errors import EngineUnavailableError, MachineError
from sc2_pipeline.workers import Died, Workers


def _square(number):
    return number * number


def _process_id(_):
    return os.getpid()


def _die_at_three(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _raise_at_three(number):
    if number == 3:
        raise EngineUnavailableError("this machine is at fault")
    return number


def test_one_worker_is_this_process():
    with Workers(1, memory_mb=1024) as workers:
        assert [result for _, result in workers.run(lambda _: os.getpid(), [1, 2])] == [os.getpid()] * 2


def test_light_tasks_that_are_few_are_done_here():
    with Workers(2, memory_mb=1024) as workers:
        assert list(workers.run(lambda _: os.getpid(), [1], are_light=True)) == [(1, os.getpid())]


def test_no_tasks_start_no_processes():
    with Workers(2, memory_mb=1024) as workers:
        assert list(workers.run(_square, [])) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL, which Windows lacks")
@pytest.mark.parametrize("minutes_until_restarted", [0, 10])
def test_a_task_that_kills_its_process_costs_no_other_task_its_result(monkeypatch, minutes_until_restarted):
    # What waits for a lost worker waits this much less, as where the machine is too busy to start another one soon.
    monkeypatch.setattr(
        spec, "parse_timedelta", lambda delay: max(0, parse_timedelta(delay) - 60 * minutes_until_restarted)
    )
    begun = []
    with Workers(2, memory_mb=1024) as workers:
        results = dict(workers.run(_die_at_three, list(range(12)), on_start=begun.append))
        suspects = [task for task, result in results.items() if isinstance(result, Died)]
        again = dict(workers.run(_die_at_three, suspects, one_at_a_time=True))

    assert sorted(begun) == list(range(12))
    assert {task for task, result in again.items() if isinstance(result, Died)} == {3}
    assert {task for task, result in {**results, **again}.items() if result == task} == set(range(12)) - {3}


@pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL, which Windows lacks")
def test_with_one_worker_a_task_that_may_kill_its_process_is_done_in_another_one():
    with Workers(1, memory_mb=1024) as workers:
        results = dict(workers.run(_die_at_three, [1, 3, 2], one_at_a_time=True))
        [(_, pid)] = workers.run(_process_id, [1], one_at_a_time=True)
        with pytest.raises(EngineUnavailableError, match="this machine"):
            list(workers.run(_raise_at_three, [3], one_at_a_time=True))

    assert (results[1], results[2]) == (1, 2)
    assert isinstance(results[3], Died)
    assert pid != os.getpid()


@pytest.mark.slow
def test_what_the_function_raises_is_raised_here():
    with Workers(2, memory_mb=1024) as workers, pytest.raises(EngineUnavailableError, match="this machine"):
        list(workers.run(_raise_at_three, [1, 2, 3]))


@pytest.fixture(scope="module")
def listening():
    """A pool at work: its own keys, and every address at which one of its processes listens."""
    with Workers(2, memory_mb=1024) as workers:
        assert list(workers.run(_square, [1, 2, 3]))
        this = psutil.Process()
        connections = [c for process in [this, *this.children(recursive=True)] for c in process.net_connections("inet")]
        addresses = {c.laddr for c in connections if c.status == psutil.CONN_LISTEN}
        yield workers._cluster.security, addresses


async def _opened(addresses, context):
    """How many addresses talk to somebody who shows what the context shows; None: who speaks without TLS."""
    from distributed.comm import connect

    async def is_opened(address):
        place = f"{'tls' if context else 'tcp'}://{address.ip}:{address.port}"
        try:
            async with asyncio.timeout(4):
                comm = await connect(place, timeout=2, ssl_context=context)
        except (OSError, MemoryError):
            # The first bytes are the length of what follows: Dask reads those of a web server's answer as an enormous one.
            return False
        await comm.close()
        return True

    return sum(await asyncio.gather(*map(is_opened, addresses)))


@pytest.mark.slow
def test_who_knows_the_ports_but_not_the_runs_own_keys_is_not_talked_to(listening):
    security, addresses = listening

    own, others = (keys.get_connection_args("client")["ssl_context"] for keys in (security, make_security()))
    without_keys = ssl.create_default_context()
    without_keys.check_hostname = others.check_hostname = False
    # Nobody who breaks in asks whom he talks to.
    without_keys.verify_mode = others.verify_mode = ssl.CERT_NONE

    async def all_opened():
        return await asyncio.gather(*(_opened(addresses, context) for context in (own, others, without_keys, None)))

    # The scheduler, and of each worker its own process and the one that watches it.
    assert asyncio.run(all_opened()) == [5, 0, 0, 0]


@pytest.mark.slow
def test_nothing_of_a_pool_is_reached_from_other_machines_or_shows_its_tasks(listening):
    _, addresses = listening

    pages = {_page(address, path) for address in addresses for path in ("status", "info/main/workers.html", "health")}

    assert {address.ip for address in addresses} == {"127.0.0.1"}
    assert pages == {404, "no page"}


def _page(address, path):
    try:
        with urllib.request.urlopen(f"http://{address.ip}:{address.port}/{path}", timeout=3) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return "no page"


def test_the_keys_of_a_pool_are_its_own_and_shown_by_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    one, other = make_security(), make_security()

    assert one.tls_worker_key != other.tls_worker_key
    assert "PRIVATE KEY" not in repr(one)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:resource_tracker")
def test_processes_that_cannot_be_started_are_the_machines_fault_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", os.fsencode(tmp_path / "no_python"))

    with pytest.raises(MachineError, match=r"3 worker processes cannot be started .*give --workers 1"):  # noqa: SIM117
        with Workers(3, memory_mb=500) as workers:
            list(workers.run(_square, range(9)))

    assert list(tmp_path.iterdir()) == []
