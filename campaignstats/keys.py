"""The campaign's secret key for pseudonyms: it lies in the user's configuration folder, never in the campaign's.

Whoever holds the key can test whether a known person is in the tables, so it is kept apart from them. A synthetic
campaign has a public key, so that everybody gets the same tables from the sample.
"""

import hashlib
import os
import secrets
from pathlib import Path

from platformdirs import user_config_path

from campaignstats.campaign import Campaign
from campaignstats.errors import StoreError


def key_file(campaign: Campaign) -> Path:
    """Where the campaign's key lies; the folder can be moved with CAMPAIGNSTATS_KEYS."""
    folder = os.environ.get("CAMPAIGNSTATS_KEYS")
    base = Path(folder) if folder else user_config_path("campaignstats", appauthor=False) / "keys"
    return base / f"{campaign.id}.key"


def campaign_key(campaign: Campaign) -> bytes:
    """32 bytes, made at first use; a damaged key file is a StoreError, since a new key would orphan every pseudonym."""
    if campaign.synthetic:
        return hashlib.blake2b(f"campaignstats synthetic {campaign.id}".encode(), digest_size=32).digest()
    file = key_file(campaign)
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            fresh = file.with_name(file.name + f".{os.getpid()}.partial")
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as out:
                out.write(secrets.token_hex(32))
                out.flush()
                os.fsync(out.fileno())
            try:
                # never replaces: of two first runs at once the later one takes the earlier one's key
                os.link(fresh, file)
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                fresh.replace(file)
            fresh.unlink(missing_ok=True)
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except OSError as problem:
        raise StoreError("key_not_usable", file=str(file), why=problem.strerror or str(problem)) from problem
    except ValueError as problem:
        raise StoreError("key_damaged", file=str(file)) from problem
    if len(key) != 32:
        raise StoreError("key_damaged", file=str(file))
    return key


def fingerprint(key: bytes) -> str:
    """A short name of the key that does not tell it."""
    return hashlib.blake2b(key, digest_size=8, person=b"fingerprint").hexdigest()
