"""fsspec drivers: the package that a URL needs, the timeouts it is opened with, and the exceptions it raises."""

import sys
from typing import Any

from sc2_pipeline.errors import LakeError, SettingsError

_PATIENCE = {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 2}}
"""Timeouts in seconds and number of tries for botocore. Its defaults are a minute for each of five tries."""

_ROOTS = (
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("aiohttp", "ClientError"),
    ("google.auth.exceptions", "GoogleAuthError"),
    ("azure.core.exceptions", "AzureError"),
)
"""Base exceptions of the drivers' own libraries, which the drivers don't convert. Everything else they raise is an OSError."""

_OF_FSSPECS_VERSION = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs"}
_OTHERS = {"abfs": "adlfs", "abfss": "adlfs", "az": "adlfs"}


def driver_errors() -> tuple[type[BaseException], ...]:
    """Exception types that the imported drivers raise when a store cannot be reached or refuses a request."""
    at_hand = ((sys.modules[module], name) for module, name in _ROOTS if module in sys.modules)
    return (OSError, *(getattr(module, name) for module, name in at_hand))


def protocol_of(url: str) -> str:
    """The protocol of a URL: ``s3`` for ``s3://bucket/prefix``."""
    return url.partition("://")[0].rpartition("::")[2]


def refuse_missing_driver(url: str) -> None:
    """Raises SettingsError when the URL's protocol is unknown or its driver is not installed."""
    import fsspec  # noqa: PLC0415 - a lake in the home needs none of it

    protocol = protocol_of(url)
    try:
        fsspec.get_filesystem_class(protocol)
    except ImportError as error:
        package = _package(protocol)
        raise SettingsError(
            f"lake is {url}, and its driver is not installed ({error}); "
            f"install {package} here and on every worker's machine, or leave lake out"
        ) from error
    except ValueError as error:
        raise SettingsError(
            f"lake is {url}, and fsspec knows no {protocol}://; give s3://, gs:// or file://"
        ) from error


def _package(protocol: str) -> str:
    """The package that has the driver for a protocol, with the version that fits the installed fsspec."""
    import fsspec  # noqa: PLC0415

    if protocol in _OF_FSSPECS_VERSION:
        return f"{_OF_FSSPECS_VERSION[protocol]}=={fsspec.__version__}"
    return _OTHERS.get(protocol, "the package named there")


def file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it; fsspec caches one file system per thread. Raises LakeError without a driver."""
    from fsspec.core import url_to_fs  # noqa: PLC0415

    try:
        fs, root = url_to_fs(url, **_options(protocol_of(url)))
    except ImportError as error:
        # On a worker's machine: where the run began it was looked for.
        raise LakeError(
            f"the lake {url} needs a driver that a worker's machine lacks ({error}); install it there"
        ) from error
    return fs, root.rstrip("/")


def is_of_this_machine(fs: Any) -> bool:
    """Whether the file system is one that this machine has mounted."""
    from fsspec.implementations.local import LocalFileSystem  # noqa: PLC0415

    return isinstance(fs, LocalFileSystem)


def _options(protocol: str) -> dict[str, Any]:
    """Options for a protocol's driver. Listings are not cached, because a cached one hides what other machines write."""
    from fsspec.config import conf  # noqa: PLC0415

    options: dict[str, Any] = {"use_listings_cache": False}
    if protocol in ("s3", "s3a"):
        options["config_kwargs"] = _PATIENCE | conf.get(protocol, {}).get("config_kwargs", {})
    return options
