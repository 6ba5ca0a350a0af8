"""A local S3 server, and lakes of every kind."""

import logging
import secrets
from collections.abc import Iterator

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.lake import Lake, open_lake


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """URL of a bucket on a loopback server; this process and its children find it through environment variables."""
    server_module = pytest.importorskip("moto.server", reason="moto, the S3 server of these tests, is not installed")
    s3fs = pytest.importorskip("s3fs", reason="s3fs, the driver of s3://, is not installed")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
        for name, value in {
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(name, value)
        # The server keeps its buckets as long as this process lives, even if it is started again.
        name = f"replays-{secrets.token_hex(4)}"
        s3fs.S3FileSystem(skip_instance_cache=True).mkdir(name)
        yield f"s3://{name}"
    server.stop()


@pytest.fixture
def bucket(s3: str) -> str:
    """A new folder in the bucket."""
    return f"{s3}/{secrets.token_hex(4)}"


@pytest.fixture(params=["folder", "memory", "file", "s3"])
def lake(request: pytest.FixtureRequest, tmp_path) -> Lake:
    """An empty lake of each kind."""
    if request.param == "folder":
        url = None
    elif request.param == "s3":
        url = request.getfixturevalue("bucket")
    elif request.param == "file":
        (tmp_path / "shared").mkdir()
        url = f"file://{tmp_path / 'shared'}"
    else:
        url = f"memory://{secrets.token_hex(4)}"
    return open_lake(Settings(home=tmp_path / "home", workers=1, lake=url))
