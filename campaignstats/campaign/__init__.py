"""campaign.toml and its sheets -> frozen, typed ``Campaign``.

``load`` checks everything that is declared and refuses the first thing that can't be, in one sentence with the file,
the line and the nearest right name. Sheets (accounts, places, activities; .xlsx or .csv) add to campaign.toml's lists.

types    what is declared, whose an account of a file is, which place it spoke for when
loading  campaign.toml and the sheets -> Campaign         files, records   what they are read by
"""

from campaignstats.campaign.loading import MAPPED_TABLES, PLACE_KINDS, TEMPLATES, default_themes, load
from campaignstats.campaign.records import folded, same_name
from campaignstats.campaign.types import (
    WHOLE_AREAS,
    Account,
    Activity,
    Bilingual,
    Campaign,
    ContextFigure,
    Event,
    Export,
    FocusArea,
    FormerName,
    FormerPlace,
    Letterhead,
    MappedTable,
    Owner,
    Place,
    PlaceName,
    Target,
    Theme,
    Thresholds,
    UnknownName,
    Window,
    different_ids,
    name_id,
)

__all__ = [
    "MAPPED_TABLES",
    "PLACE_KINDS",
    "TEMPLATES",
    "WHOLE_AREAS",
    "Account",
    "Activity",
    "Bilingual",
    "Campaign",
    "ContextFigure",
    "Event",
    "Export",
    "FocusArea",
    "FormerName",
    "FormerPlace",
    "Letterhead",
    "MappedTable",
    "Owner",
    "Place",
    "PlaceName",
    "Target",
    "Theme",
    "Thresholds",
    "UnknownName",
    "Window",
    "default_themes",
    "different_ids",
    "folded",
    "load",
    "name_id",
    "same_name",
]
