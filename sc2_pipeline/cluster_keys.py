"""Keys by which the processes of one run know one another: made for that run, held in memory, gone with it."""

import datetime
from typing import Any

_NAME = "sc2-pipeline-workers"
_LIFE = datetime.timedelta(days=366)
"""No run lasts so long."""


def make_security() -> Any:
    """What dask.distributed takes as ``security``: one certificate that vouches for itself, which each end of every
    connection must show. Whoever has not its key is refused before a word is read.

    As ``distributed.Security.temporary``, with a key on a curve: made in 0.1 ms where RSA takes 50 to 200. Workers are handed it
    through the pipe that starts them.
    """
    from cryptography import x509  # noqa: PLC0415 - 0.1 s that a run without processes is spared
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from distributed import Security  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, _NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LIFE)
        .not_valid_after(now + _LIFE)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM).decode()
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    roles = ("client", "scheduler", "worker")
    return Security(
        require_encryption=True,
        tls_ca_file=shown,
        **{f"tls_{role}_cert": shown for role in roles},
        **{f"tls_{role}_key": secret for role in roles},
    )
