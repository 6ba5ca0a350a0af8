"""TLS keys for the processes of one run, created for it; Dask writes them briefly to a folder only this user can open."""

import datetime
from typing import Any

_NAME = "sc2-pipeline-workers"
_LIFE = datetime.timedelta(days=366)
"""Validity of the certificate, longer than any run."""


def make_security() -> Any:
    """Security object for dask.distributed: one self-signed certificate that both ends of every connection must
    present. Peers without its key are rejected in the TLS handshake.

    Like ``distributed.Security.temporary``, but with an elliptic-curve key, which takes 0.1 ms to create where RSA
    takes 50 to 200. Workers receive it through the pipe that starts them.
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
