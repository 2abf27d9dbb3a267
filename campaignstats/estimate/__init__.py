"""Statistics that know no campaign: intervals, bounds, concentration."""
