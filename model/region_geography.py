"""Distances on the map."""

from __future__ import annotations

import numpy as np

EARTH_RADIUS_KM = 6371.0


def great_circle_km(
    lat_a: np.ndarray | float, lon_a: np.ndarray | float, lat_b: np.ndarray | float, lon_b: np.ndarray | float
) -> np.ndarray:
    """Return air distances in km between places given in degrees; arrays broadcast (haversine formula).

    >>> float(great_circle_km(50.0, 10.0, 51.0, 10.0).round(1))
    111.2
    """
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_lat, half_lon = (phi_b - phi_a) / 2.0, np.radians(np.subtract(lon_b, lon_a)) / 2.0
    part = np.sin(half_lat) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lon) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(part, 1.0))))
