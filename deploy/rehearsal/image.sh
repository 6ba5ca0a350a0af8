#!/usr/bin/env bash
# The image of deploy/Dockerfile, built without Docker and tried: `bash deploy/rehearsal/image.sh REPLAYS [option of buildah build ...]`.
# Needs buildah, debootstrap (Debian) and root. Options are for what a package index of yours needs, such as
# `--volume /etc/pip.conf:/etc/pip.conf:ro`. Builds over a Debian of its own, since no registry may be at hand; in the image, as its own
# user, doctor looks round, REPLAYS are loaded, and Dagster reads the code location.
set -euo pipefail
replays=$(readlink -f "${1:?a folder of replays}")
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
container=
finish() {
    [ -z "$container" ] || buildah rm "$container" >/dev/null
    rm -rf "$work"
}
trap finish EXIT
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=${STORAGE_DRIVER:-vfs}

if ! buildah inspect --type image sc2-pipeline-base >/dev/null 2>&1; then
    debootstrap --variant=minbase --include=ca-certificates,python3,python3-pip,python3-venv bookworm "$work/base" >"$work/log" ||
        { tail -n 5 "$work/log"; exit 1; }
    # As in the official image of Python: `python`, and pip that installs where it is told.
    ln -s python3 "$work/base/usr/bin/python"
    rm -f "$work"/base/usr/lib/python3.*/EXTERNALLY-MANAGED "$work"/base/var/cache/apt/archives/*.deb
    base=$(buildah from scratch)
    buildah copy --quiet "$base" "$work/base" / >/dev/null
    buildah commit --quiet "$base" sc2-pipeline-base >/dev/null
    buildah rm "$base" >/dev/null
fi
git archive HEAD | (mkdir "$work/context" && tar -x -C "$work/context")
buildah build --quiet --layers=false --build-arg BASE=localhost/sc2-pipeline-base "$@" -f "$work/context/deploy/Dockerfile" -t sc2-pipeline "$work/context"
buildah images sc2-pipeline

container=$(buildah from sc2-pipeline)
inside() { buildah run "$container" -- "$@"; }
echo "-- user: $(inside id -un)"
inside sc2-pipeline --version
inside sc2-pipeline doctor
buildah run --volume "$replays:/srv/replays:ro" "$container" -- sc2-pipeline run /srv/replays --json | tail -n 1
inside sc2-pipeline ask win_rates | head -n 5
# Without DAGSTER_HOME, whose Postgres is not here.
inside env -u DAGSTER_HOME dagster definitions validate -m sc2_pipeline.orchestration.definitions
inside python -c 'import s3fs, dagster_postgres, dagster_k8s, dagster_webserver, distributed, pysc2; print("s3, Postgres, Kubernetes, UI, Dask and pysc2 are there")'
