"""The S3 server of the lake's tests, for a deployment's lake."""

from sc2_pipeline_tests.lake.conftest import s3

__all__ = ["s3"]
