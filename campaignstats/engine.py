"""How a step runs its parts: here one after the other, or in processes side by side.

Parts are independent and their outputs are named by their content, so the order of finishing never shows in a result,
and a part that ran twice did no harm. Processes are spawned on every system: the same code then runs on Windows, and no
thread of a library is caught half way by a fork. Ctrl-C is this process' to answer, and none outlives it: it ends the
others where they stand, and they end themselves where it is killed.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from campaignstats.errors import StoreError

Part = TypeVar("Part")
Result = TypeVar("Result")


def default_processes() -> int:
    """The cores that this process may use; CAMPAIGNSTATS_PROCESSES overrides."""
    asked = os.environ.get("CAMPAIGNSTATS_PROCESSES", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def results(
    function: Callable[[Part], Result], parts: Sequence[Part], *, processes: int | None = None
) -> Generator[tuple[int, Result]]:
    """(position, result) of ``function`` over ``parts`` as they finish; large parts should come first.

    ``function`` and the parts must pickle. An error of a part ends the run, and the others where they stand; so does a
    process that the system ends, as a StoreError.
    """
    n = min(processes or default_processes(), len(parts))
    if n <= 1:
        for i, part in enumerate(parts):
            yield i, function(part)
        return
    pool = ProcessPoolExecutor(n, mp_context=multiprocessing.get_context("spawn"), initializer=_in_a_process)
    waiting: dict[Future[Result], int] = {}
    todo = iter(enumerate(parts))
    try:
        while True:
            # only a few ahead: a stopped run then loses little, and results are not piled up in memory
            while len(waiting) < 2 * n and (step := next(todo, None)) is not None:
                with _without_interrupts():
                    waiting[pool.submit(function, step[1])] = step[0]
            if not waiting:
                break
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield waiting.pop(future), future.result()
    except BaseException as problem:
        # what runs now would be waited for, and then thrown away
        for process in list((pool._processes or {}).values()):
            process.terminate()
        pool.shutdown(cancel_futures=True)
        if isinstance(problem, BrokenProcessPool):
            raise StoreError("process_ended") from problem
        raise
    pool.shutdown()


def _in_a_process() -> None:
    """Leave Ctrl-C, which a terminal sends to all, to the parent; and don't outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ctrl-C waits: a process that is started meanwhile never hears it, from its first moment on."""
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
