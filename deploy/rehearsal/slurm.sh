#!/usr/bin/env bash
# deploy/slurm against a real SLURM of one node, started here for the purpose: `bash deploy/rehearsal/slurm.sh REPLAYS`.
# Needs Debian's slurm-wlm and munge, openssl, root, and the project's environment (.venv). Changes nothing outside a folder of its own
# but /run/munge; ends what it started. Prints the counts of two runs of REPLAYS, on SLURM jobs and on this machine, and fails where they differ.
set -euo pipefail
replays=$(readlink -f "${1:?a folder of replays}")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d /tmp/sc2_slurm.XXXXXX)
chmod 755 "$work"
started=()
finish() {
    [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap finish EXIT

host=$(hostname -s)
export SLURM_CONF=$work/slurm.conf
mkdir -p "$work"/{state,spool} /run/munge
chown munge /run/munge
cat >"$SLURM_CONF" <<CONF
ClusterName=rehearsal
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
SlurmUser=root
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$(($(awk '/MemTotal/ {print $2}' /proc/meminfo) / 1024 - 500)) State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES State=UP
CONF

pgrep -x munged >/dev/null || { setpriv --reuid=munge --regid=munge --clear-groups munged --foreground & started+=($!); }
slurmctld -D -f "$SLURM_CONF" >"$work/slurmctld.log" 2>&1 & started+=($!)
slurmd -D -f "$SLURM_CONF" >"$work/slurmd.log" 2>&1 & started+=($!)
until sinfo --noheader --format=%t 2>/dev/null | grep -q idle; do
    for process in "${started[@]}"; do
        kill -0 "$process" 2>/dev/null || { tail -n 5 "$work"/*.log; exit 1; }
    done
    read -rt 1 <> <(:) || true
done
sinfo

# One certificate that vouches for itself, by the variables of docs/operate.md.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=dask \
    -keyout "$work/dask.key" -out "$work/dask.pem" 2>/dev/null
export DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=true DASK_DISTRIBUTED__COMM__TLS__CA_FILE=$work/dask.pem
for role in SCHEDULER WORKER CLIENT; do
    export "DASK_DISTRIBUTED__COMM__TLS__${role}__CERT=$work/dask.pem" "DASK_DISTRIBUTED__COMM__TLS__${role}__KEY=$work/dask.key"
done

cd "$work"
python=$OLDPWD/.venv/bin/python
"$python" "$OLDPWD/deploy/slurm/dask_on_slurm.py" --workers 2 --interface lo --python "$python" --memory 3GB \
    >"$work/address.txt" 2>"$work/dask.log" & started+=($!)
until [ -s "$work/address.txt" ]; do
    kill -0 "${started[-1]}" || { cat "$work/dask.log"; exit 1; }
    read -rt 1 <> <(:) || true
done
address=$(head -n 1 "$work/address.txt")
echo "scheduler: $address"

program=$OLDPWD/.venv/bin/sc2-pipeline
run() { "$program" run "$replays" --home "$work/$1" --filters all --json "${@:2}" | tail -n 1 >"$work/$1.json"; cat "$work/$1.json"; }
run far --scheduler "$address" &
far=$!
# Jobs are killed as SLURM kills them: one before its worker joined, one amid its replays. Others take their place.
running() { squeue --noheader --states=RUNNING --format=%i; }
until running | grep -q .; do
    kill -0 "$far" || exit 1
    read -rt 1 <> <(:) || true
done
squeue
early=$(running | head -n 1)
scancel --signal=KILL "$early"
echo "killed job $early before its worker joined"
until joined=$(grep -l "Registered to" "$work"/slurm-*.out 2>/dev/null | head -n 1) && [ -n "$joined" ]; do
    kill -0 "$far" || exit 1
    read -rt 1 <> <(:) || true
done
late=${joined##*slurm-}
late=${late%.out}
scancel --signal=KILL "$late"
echo "killed job $late, whose worker had joined"
wait "$far"
run near
"$python" - "$work/far.json" "$work/near.json" <<'PYTHON'
import json
import sys

far, near = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
names = ("found", "loaded", "pending")
differ = {name: (far.get(name), near.get(name)) for name in names if far.get(name) != near.get(name)}
sys.exit(f"SLURM and this machine differ: {differ}" if differ else 0)
PYTHON
echo "the same on SLURM as on this machine"
