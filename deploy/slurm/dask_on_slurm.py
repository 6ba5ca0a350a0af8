"""A Dask scheduler on this node and workers as SLURM jobs: `python dask_on_slurm.py --workers 20` on the login node.

Needs `pip install dask-jobqueue==0.9.0`. Prints the scheduler's address for `sc2-pipeline run --scheduler ...`; ends the jobs
when it is ended. `--script` prints a worker's job script and submits nothing. Whoever reaches the scheduler runs programs on the
nodes, and all users of the login node do: give it certificates as docs/operate.md says, and it speaks TLS.
"""

import argparse
import signal
import subprocess
from typing import Any

from dask_jobqueue import SLURMCluster
from distributed import Security

LOOK_SECONDS = 15
"""Between two looks at which jobs SLURM still has."""


def cluster(arguments: argparse.Namespace) -> Any:
    """The cluster: one process of one thread a job."""
    security = Security()
    return SLURMCluster(
        # With certificates in Dask's configuration: TLS.
        security=security if security.tls_ca_file else None,
        queue=arguments.partition,
        account=arguments.account,
        cores=1,
        processes=1,
        # 2 GB a worker; with the game beside it 4 GB more: it counts for SLURM, not for Dask.
        memory="2GB",
        job_mem=arguments.memory,
        walltime=arguments.walltime,
        # The environment and the home must be at the same paths on every node.
        python=arguments.python,
        job_script_prologue=["export DASK_DISTRIBUTED__WORKER__DAEMON=False"],
        # A worker ends before SLURM kills it, and hands its replay back.
        worker_extra_args=["--lifetime", arguments.lifetime, "--lifetime-stagger", "2m"],
        scheduler_options={"dashboard_address": None, "interface": arguments.interface},
    )


def forget_ended_jobs(jobs: Any) -> None:
    """Dask waits for ever for a job that ended before its worker joined: what squeue no longer lists is asked for anew."""
    asked = subprocess.run(["squeue", "--me", "--noheader", "--format=%A"], capture_output=True, text=True, check=False)
    if asked.returncode != 0:  # The controller is away for a moment.
        return
    listed = set(asked.stdout.split())
    for name, job in list(jobs.workers.items()):
        if job.job_id is not None and job.job_id not in listed:
            jobs.worker_spec.pop(name, None)
            jobs.workers.pop(name, None)


def main() -> None:
    """Starts the workers and waits for Ctrl-C or SIGTERM."""
    ends = {signal.SIGINT, signal.SIGTERM}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=10, help="SLURM jobs at most")
    parser.add_argument("--partition", default=None)
    parser.add_argument("--account", default=None)
    parser.add_argument("--memory", default="3GB", help="per job; 8GB with the game")
    parser.add_argument("--walltime", default="08:00:00")
    parser.add_argument("--lifetime", default="470m", help="a little less than walltime")
    parser.add_argument("--interface", default=None, help="network interface that workers reach, such as ib0")
    parser.add_argument("--python", default=None, help="Python of the project's environment on the nodes")
    parser.add_argument("--script", action="store_true", help="print a worker's job script and submit nothing")
    arguments = parser.parse_args()
    # Before Dask starts its threads, so that no thread takes them: the jobs are cancelled whichever comes.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with cluster(arguments) as jobs:
        if arguments.script:
            print(jobs.job_script())
            return
        jobs.adapt(minimum_jobs=0, maximum_jobs=arguments.workers)
        print(jobs.scheduler_address, flush=True)
        while signal.sigtimedwait(ends, LOOK_SECONDS) is None:
            forget_ended_jobs(jobs)


if __name__ == "__main__":
    main()
