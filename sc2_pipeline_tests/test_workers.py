import multiprocessing.spawn
import os
import signal

import pytest

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
def test_a_task_that_kills_its_process_costs_no_other_task_its_result():
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


@pytest.mark.filterwarnings("ignore:resource_tracker")
def test_processes_that_cannot_be_started_are_the_machines_fault_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", os.fsencode(tmp_path / "no_python"))

    with pytest.raises(MachineError, match=r"3 worker processes cannot be started .*give --workers 1"):  # noqa: SIM117
        with Workers(3, memory_mb=500) as workers:
            list(workers.run(_square, range(9)))

    assert list(tmp_path.iterdir()) == []
