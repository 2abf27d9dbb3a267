"""Measures: tables in, a small tidy table out. ``MEASURES`` is the catalogue: name -> function, stage, unit, source.

reach      reach, views, age, sectors              engagement  engagement, concentration
messages   messages, message_weeks                 reception   sentiment, net_sentiment, reception_kinds
places     participation, reach_places             sources     completeness, self_reported, activities, context_figures,
                                                        undeclared
against    year_before, targets                    completeness  calendar, comment_coverage, cut_exports
series     daily, weekly, definition_breaks        snapshots  snapshots, fallen, vanished, crossposts
"""

from campaignstats.measures.against import targets, year_before
from campaignstats.measures.completeness import calendar, comment_coverage, cut_exports
from campaignstats.measures.engagement import concentration, engagement
from campaignstats.measures.frames import FRAMES, MEASURES, STAGES, Measure
from campaignstats.measures.messages import message_weeks, messages
from campaignstats.measures.places import participation, reach_places
from campaignstats.measures.reach import age, reach, sectors, views
from campaignstats.measures.reception import net_sentiment, reception_kinds, sentiment
from campaignstats.measures.series import daily, definition_breaks, weekly
from campaignstats.measures.snapshots import crossposts, fallen, snapshots, vanished
from campaignstats.measures.sources import activities, completeness, context_figures, self_reported, undeclared

__all__ = [
    "FRAMES",
    "MEASURES",
    "STAGES",
    "Measure",
    "activities",
    "age",
    "calendar",
    "comment_coverage",
    "completeness",
    "concentration",
    "context_figures",
    "crossposts",
    "cut_exports",
    "daily",
    "definition_breaks",
    "engagement",
    "fallen",
    "message_weeks",
    "messages",
    "net_sentiment",
    "participation",
    "reach",
    "reach_places",
    "reception_kinds",
    "sectors",
    "self_reported",
    "sentiment",
    "snapshots",
    "targets",
    "undeclared",
    "vanished",
    "views",
    "weekly",
    "year_before",
]
