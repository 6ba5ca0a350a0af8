"""Freshness: how old the marts may become before the UI says so."""

from datetime import timedelta

import dagster as dg

FRESHNESS = dg.FreshnessPolicy.time_window(warn_window=timedelta(days=2), fail_window=timedelta(days=8))
"""The nightly scan publishes once a day where it is switched on."""
