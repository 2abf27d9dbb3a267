"""Fuzzing led by what the readers' code does with the bytes: needs atheris (``pip install atheris``; Linux).

    python tests/fuzz_atheris.py [SECONDS]

Begins with every fixture; the first byte of an input says which fixture's name and place it has.
"""

import os
import sys
import tempfile
from pathlib import Path

import atheris

os.environ["CAMPAIGNSTATS_DEBUG"] = "1"  # a reader's own exception is a finding
with atheris.instrument_imports(include=["campaignstats.readers", "campaignstats.reading"]):
    import fuzzing


def main(seconds: int) -> None:
    place, corpus = Path(tempfile.mkdtemp()), Path(tempfile.mkdtemp())
    every = fuzzing.fixtures()
    for i, fixture in enumerate(every):
        (corpus / str(i)).write_bytes(bytes([i % 256]) + fixture.data[:4096])

    def one(data: bytes) -> None:
        if data:
            fixture = every[data[0] % len(every)]
            fuzzing.checked(place, fuzzing.Mutant("atheris", fixture.path, data[1:], fixture), again=False)

    limits = [f"-max_total_time={seconds}", "-max_len=6000", "-timeout=20", "-rss_limit_mb=3000", "-seed=2025"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={place}/", str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
