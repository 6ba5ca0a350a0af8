"""Credentials in URLs: seen before a URL is used, and taken out of what others say of one."""

import re

_URL = re.compile(r"[A-Za-z][\w+.-]*://[^\s\"'<>]+")
_LOCAL = ("file", "local", "memory")
_USER = re.compile(r"(?<=://).*:.*@", re.DOTALL)
"""``user:password@``, up to the last @: keys of S3 have slashes in them, passwords whatever their makers typed."""
_TOKEN = re.compile(r"(?<=://)[^/@?#]*@")
"""On the web one word before the @ is a token; for other stores it names a container or a user."""
_VALUE = re.compile(r"([?&#][^=&#]*=)[^&#]*")


def without_credentials(text: str) -> str:
    """The text with ``***`` for what may be a secret in its URLs: users with passwords, and values after a question mark.

    >>> without_credentials("no answer from s3://me:secret@bucket/x?sig=abc")
    'no answer from s3://***@bucket/x?sig=***'
    """
    return _URL.sub(lambda found: _without(found[0]), text)


def has_credentials(url: str) -> bool:
    """Whether a URL holds what :func:`without_credentials` takes out."""
    return _without(url) != url


def _without(url: str) -> str:
    if url.partition("://")[0].lower() in _LOCAL:
        return url
    kept = _USER.sub("***@", url, count=1)
    if url.lower().startswith("http"):
        kept = _TOKEN.sub("***@", kept, count=1)
    return _VALUE.sub(r"\1***", kept)
