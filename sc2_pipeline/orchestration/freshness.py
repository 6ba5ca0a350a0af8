"""Freshness policy: how old the marts may be before the UI warns."""

from datetime import timedelta

import dagster as dg

FAIL_WINDOW = timedelta(days=8)

FRESHNESS = dg.FreshnessPolicy.time_window(warn_window=timedelta(days=2), fail_window=FAIL_WINDOW)
"""The nightly schedule, where it is on, publishes once a day."""
