"""Verification of a whole home, comparing manifest, warehouse files and lake with one another; and its repair."""

from sc2_pipeline.pipeline.verification.findings import KINDS, Finding, Verified
from sc2_pipeline.pipeline.verification.verify import verify

__all__ = ["KINDS", "Finding", "Verified", "verify"]
