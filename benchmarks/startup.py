"""`campaignstats --help` against `python -c pass`: the ratio of medians of 20 runs each, taken in turn."""

import shutil
import statistics
import subprocess
import sys
import time


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    face = shutil.which("campaignstats") or sys.exit("campaignstats is not on the PATH")
    pairs = [(seconds([sys.executable, "-c", "pass"]), seconds([face, "--help"])) for _ in range(21)][1:]
    bare, ours = (statistics.median(p[i] for p in pairs) for i in (0, 1))
    print("| what | ms | ratio |\n|---|---|---|")
    print(
        f"| python -c pass | {1000 * bare:.0f} | 1 |\n| campaignstats --help | {1000 * ours:.0f} | {ours / bare:.1f} |"
    )


if __name__ == "__main__":
    main()
