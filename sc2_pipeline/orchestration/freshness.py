"""Freshness policy: how old the marts may be before the UI warns."""

from datetime import timedelta

import dagster as dg

FRESHNESS = dg.FreshnessPolicy.time_window(warn_window=timedelta(days=2), fail_window=timedelta(days=8))
"""The nightly schedule, where it is on, publishes once a day."""
