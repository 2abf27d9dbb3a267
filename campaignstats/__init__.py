"""campaignstats: from a folder of platform exports to findings that one can sign and rerun."""

__version__ = "0.1.0"
