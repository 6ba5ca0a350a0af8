"""Credentials in URLs: detected before a URL is used, and removed from messages."""

import re

_URL = re.compile(r"[A-Za-z][\w+.-]*://[^\s\"'<>]+")
_LOCAL = ("file", "local", "memory")
_USER = re.compile(r"(?<=://).*:.*@", re.DOTALL)
"""``user:password@``, up to the last @: S3 keys contain slashes, and passwords may contain anything."""
_TOKEN = re.compile(r"(?<=://)[^/@?#]*@")
"""On the web a single word before the @ is a token; for other stores it is a container or a user."""
_VALUE = re.compile(r"([?&#][^=&#]*=)[^&#]*")


def without_credentials(text: str) -> str:
    """The text with ``***`` for possible secrets in its URLs: users with passwords, and values in the query string.

    >>> without_credentials("no answer from s3://me:secret@bucket/x?sig=abc")
    'no answer from s3://***@bucket/x?sig=***'
    """
    return _URL.sub(lambda found: _without(found[0]), text)


def has_credentials(url: str) -> bool:
    """Whether a URL contains anything that :func:`without_credentials` would remove."""
    return _without(url) != url


def _without(url: str) -> str:
    if url.partition("://")[0].lower() in _LOCAL:
        return url
    kept = _USER.sub("***@", url, count=1)
    if url.lower().startswith("http"):
        kept = _TOKEN.sub("***@", kept, count=1)
    return _VALUE.sub(r"\1***", kept)
