"""The errors that a user can meet, each a sentence in both languages.

    CampaignStatsError
    ├── CampaignError      campaign.toml or a sheet beside it says something that can't be
    ├── InputError         a file or folder that was named on the command line can't be used
    ├── ReadError          a file of the inbox can't be opened or read; gather turns it into a quarantine record
    ├── StoreError         the tables can't be read or written
    ├── MeasureError       a measure was asked for something that it can't answer
    │   └── ForbiddenSum   a rule R1-R8 of docs/measures.md forbids adding these values
    └── FindingsError      findings can't be written

The text lives in ``campaignstats/catalogue/*.toml`` under ``[error.<key>]`` with ``vi`` and ``en``; ``str(error)`` is
the English one and ``error.message("vi")`` the Vietnamese one.
"""

from typing import Any


class CampaignStatsError(Exception):
    """An error with a catalogue key and the values that its sentence names."""

    def __init__(self, key: str, /, **values: Any) -> None:
        self.key = key
        self.values = values
        super().__init__(key, values)

    def message(self, lang: str = "en") -> str:
        """The sentence in ``lang`` ("vi" or "en")."""
        from campaignstats import words

        return words.text(f"error.{self.key}", lang, **self.values)

    def __str__(self) -> str:
        return self.message("en")

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions cross process borders while files are read in parallel; the default rebuilds from args alone.
        return (_rebuilt, (type(self), self.key, self.values))


def _rebuilt(kind: type[CampaignStatsError], key: str, values: dict[str, Any]) -> CampaignStatsError:
    return kind(key, **values)


class CampaignError(CampaignStatsError):
    """campaign.toml or a sheet beside it says something that can't be."""


class InputError(CampaignStatsError):
    """A file or folder that was named on the command line can't be used."""


class ReadError(CampaignStatsError):
    """A file of the inbox can't be opened or read."""


class StoreError(CampaignStatsError):
    """The tables can't be read or written."""


class MeasureError(CampaignStatsError):
    """A measure was asked for something that it can't answer."""


class ForbiddenSum(MeasureError):
    """A rule R1-R8 forbids adding these values."""


class FindingsError(CampaignStatsError):
    """Findings can't be written."""


def nearest(word: str, known: "list[str] | tuple[str, ...]") -> str | None:
    """The known name that ``word`` was probably meant to be, or None."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None
