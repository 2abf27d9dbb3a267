"""The commands: the only face to the shell. Calls steps, prints what they report, and imports them only when called."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from campaignstats import __version__, words

if TYPE_CHECKING:
    from campaignstats.campaign import Campaign


def machine_language() -> str:
    """--lang of the command line as typed, else CAMPAIGNSTATS_LANG, else the locale: "vi" or "en"."""
    for n, word in enumerate(sys.argv):
        value = word.removeprefix("--lang=") if word.startswith("--lang=") else None
        if word == "--lang" and n + 1 < len(sys.argv):
            value = sys.argv[n + 1]
        if value in words.LANGUAGES:
            return value
    asked = os.environ.get("CAMPAIGNSTATS_LANG", "")
    if asked in words.LANGUAGES:
        return asked
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        if value := os.environ.get(name):
            return "vi" if value.casefold().startswith("vi") else "en"
    if sys.platform == "win32":
        import locale

        return "vi" if (locale.getlocale()[0] or "").casefold().startswith("vi") else "en"
    return "en"


def say(key: str, lang: str, /, *, err: bool = False, **values: Any) -> None:
    """Print the catalogue's text for ``cli.<key>``."""
    click.echo(words.text(f"cli.{key}", lang, **values), err=err)


class _Face(click.Group):
    """The command group: what goes wrong ends in a sentence, never in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        from campaignstats.errors import CampaignStatsError

        try:
            return super().invoke(ctx)
        except CampaignStatsError as problem:
            click.echo(problem.message(_spoken(ctx)), err=True)
            ctx.exit(1)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            say("stopped", _spoken(ctx), err=True)
            ctx.exit(130)
        except BrokenPipeError:
            ctx.exit(0)
        except Exception as problem:
            if _interrupted(problem):
                say("stopped", _spoken(ctx), err=True)
                ctx.exit(130)
            if os.environ.get("CAMPAIGNSTATS_DEBUG"):
                raise
            say("internal", _spoken(ctx), err=True, kind=type(problem).__name__, file=str(_report_of_fault()))
            ctx.exit(70)


def _spoken(ctx: click.Context) -> str:
    return str(ctx.meta.get("lang") or machine_language())


def _interrupted(problem: BaseException | None) -> bool:
    """Whether a library turned somebody's Ctrl-C into an error of its own."""
    while problem is not None:
        if isinstance(problem, KeyboardInterrupt):
            return True
        problem = problem.__cause__ or problem.__context__
    return False


def _report_of_fault() -> Path:
    """The traceback of a fault of ours goes to a file that a user can send: it names code, not data."""
    import traceback

    from platformdirs import user_log_path

    folder = user_log_path("campaignstats", appauthor=False, ensure_exists=True)
    file = folder / "last-fault.txt"
    kind, problem, trace = sys.exc_info()
    lines = [
        f"campaignstats {__version__}, Python {sys.version}\n",
        *traceback.format_tb(trace),
        f"{kind and kind.__name__}\n",
    ]
    del problem  # its text may hold values of the user's files
    file.write_text("".join(lines), encoding="utf-8")
    return file


def _command(name: str, *decorators: Callable[..., Any]) -> Callable[[Callable[..., Any]], click.Command]:
    """A command of the face whose help is the catalogue's ``cli.help.<name>``, with --lang."""

    def made(function: Callable[..., Any]) -> click.Command:
        lang = click.option("--lang", type=click.Choice(words.LANGUAGES), help=_help("lang"))
        for decorator in reversed((*decorators, lang)):
            function = decorator(function)
        return main.command(name, help=_help(name))(function)

    return made


def _help(key: str) -> str:
    return words.text(f"cli.help.{key}", machine_language())


def _option(flag: str, key: str, **kwargs: Any) -> Callable[..., Any]:
    return click.option(flag, help=_help(f"option.{key}"), **kwargs)


_FOLDER = click.argument("campaign", type=click.Path(path_type=Path))
_JSON = _option("--json", "json", is_flag=True, default=False)
_PROCESSES = _option("--processes", "processes", type=click.IntRange(1))


def _loaded(folder: Path, lang: str | None) -> "tuple[Campaign, str]":
    """The campaign, and the language to speak: as asked, else the campaign's."""
    from campaignstats import campaign

    # a mistake in campaign.toml is told in the language that the file asks for, if that can be seen
    click.get_current_context().meta["lang"] = lang or _asked_language(folder)
    loaded = campaign.load(folder)
    spoken = lang or loaded.language
    click.get_current_context().meta["lang"] = spoken
    return loaded, spoken


def _asked_language(folder: Path) -> str | None:
    import re

    try:
        text = (folder / "campaign.toml").read_bytes()[:20_000]
    except OSError:
        return None
    found = re.search(rb'^\s*language\s*=\s*"(vi|en)"', text, re.M)
    return found[1].decode() if found else None


def _progress(lang: str, key: str, *, quiet: bool = False) -> Callable[[int, int], None]:
    """A bar on stderr, only where a person looks at it."""
    from tqdm import tqdm

    bar: list[Any] = []

    def step(done: int, n: int) -> None:
        if not bar:
            # disable=None: no bar where stderr is no terminal
            bar.append(tqdm(total=n, desc=words.text(f"cli.{key}", lang), disable=True if quiet else None, leave=False))
        bar[0].update(done - bar[0].n)
        if done >= n:
            bar[0].close()

    return step


def _print_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


@click.group(
    cls=_Face,
    help=_help("main"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="campaignstats")
def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console may still be set to a code page without Vietnamese
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


@_command("init", click.argument("folder", type=click.Path(path_type=Path)), _option("--places", "places"))
def init(folder: Path, places: str | None, lang: str | None) -> None:
    from campaignstats import start

    spoken = lang or machine_language()
    click.get_current_context().meta["lang"] = spoken
    for line in start.init(folder, lang=spoken, places=places):
        click.echo(line)


@_command(
    "doctor",
    _FOLDER,
    _JSON,
    _option("--today", "today", type=click.DateTime(["%Y-%m-%d"])),
    _option("--all", "all", is_flag=True, default=False),
)
def doctor(campaign: Path, json: bool, today: Any, all: bool, lang: str | None) -> None:
    from datetime import date

    from campaignstats import doctor as step
    from campaignstats import gather as gathering

    loaded, spoken = _loaded(campaign, lang)
    report = step.doctor_report(loaded, step.evidence(loaded), today.date() if today else date.today())
    if json:
        _print_json(report.as_dict())
    else:
        waiting = gathering.ungathered(loaded)
        if waiting is not None:
            say("doctor.empty" if not waiting else "doctor.waiting", spoken, n=waiting, folder=str(loaded.inbox))
            click.echo("")
        for line in report.lines(spoken, everything=all):
            click.echo(line)


@_command("gather", _FOLDER, _JSON, _PROCESSES, _option("--all", "all", is_flag=True, default=False))
def gather(campaign: Path, json: bool, processes: int | None, all: bool, lang: str | None) -> None:
    from campaignstats import gather as step

    loaded, spoken = _loaded(campaign, lang)
    report = step.gather(loaded, processes=processes, on_file=_progress(spoken, "progress.gather"))
    if json:
        _print_json(report.as_dict(spoken))
    else:
        for line in report.lines(spoken, everything=all):
            click.echo(line)


@_command("quarantine", _FOLDER, _JSON, _option("--csv", "csv", type=click.Path(path_type=Path)))
def quarantine(campaign: Path, json: bool, csv: Path | None, lang: str | None) -> None:
    from campaignstats import quarantine as step

    loaded, spoken = _loaded(campaign, lang)
    refused = step.refusals(loaded)
    if csv is not None:
        n = step.write_refusals(refused, csv, lang=spoken)
        say("quarantine.written", spoken, n=n, file=str(csv))
    elif json:
        _print_json([step.refusal_dict(r, spoken) for r in refused])
    else:
        for line in step.refusal_lines(refused, spoken):
            click.echo(line)


@_command(
    "tag",
    click.argument("campaign", type=click.Path(path_type=Path), required=False),
    _option("--texts", "texts", type=click.Path(path_type=Path)),
    _option("--out", "out", type=click.Path(path_type=Path)),
    click.option("--campaign", "themes_of", type=click.Path(path_type=Path), help=_help("option.themes_of")),
    _PROCESSES,
)
def tag(
    campaign: Path | None,
    texts: Path | None,
    out: Path | None,
    themes_of: Path | None,
    processes: int | None,
    lang: str | None,
) -> None:
    from campaignstats.errors import InputError

    if texts is not None:
        if out is None:
            raise InputError("texts_without_out")
        from campaignstats.text import tagger

        of = campaign or themes_of
        loaded, spoken = _loaded(of, lang) if of is not None else (None, lang or machine_language())
        n = tagger.tag_csv(texts, out, themes=loaded.themes if loaded else None)
        say("tag.csv", spoken, n=n, file=str(out))
        return
    if campaign is None:
        raise InputError("tag_what")
    from campaignstats import tagging

    loaded, spoken = _loaded(campaign, lang)
    report = tagging.tag(loaded, processes=processes, on_part=_progress(spoken, "progress.tag"))
    say("tag.done", spoken, n=report.n_tagged, known=report.n_known, empty=report.n_empty)


@_command(
    "metrics",
    click.argument("what", nargs=-1, metavar="[CAMPAIGN] [METRIC]..."),
    _option("--all", "all", is_flag=True, default=False),
    _JSON,
)
def metrics(what: tuple[str, ...], all: bool, json: bool, lang: str | None) -> None:
    from campaignstats import inventory as step

    click.get_current_context().meta["lang"] = lang or machine_language()
    folder, names = step.asked(what)
    loaded, spoken = _loaded(folder, lang) if folder is not None else (None, lang or machine_language())
    found = step.inventory(loaded, names=names, all=all)
    if json:
        _print_json(found.as_dict())
    else:
        for line in found.lines(spoken):
            click.echo(line)


@_command("findings", _FOLDER)
def findings(campaign: Path, lang: str | None) -> None:
    from campaignstats import publish

    loaded, spoken = _loaded(campaign, lang)
    _written(publish.write_findings(publish.Evaluation(loaded, spoken)), spoken)


def _written(page: Path, lang: str) -> None:
    say("findings.open", lang, file=str(page))


@_command("notebooks", _FOLDER)
def notebooks(campaign: Path, lang: str | None) -> None:
    from campaignstats import publish

    loaded, spoken = _loaded(campaign, lang)
    for file in publish.rerun_notebooks(loaded, lang=spoken, on_notebook=_progress(spoken, "progress.notebooks")):
        click.echo(str(file))


@_command(
    "run",
    _FOLDER,
    _PROCESSES,
    _option("--notebooks/--no-notebooks", "notebooks", default=False),
)
def run(campaign: Path, processes: int | None, notebooks: bool, lang: str | None) -> None:
    from campaignstats import gather as gathering
    from campaignstats import publish, tagging

    loaded, spoken = _loaded(campaign, lang)
    gathered = gathering.gather(loaded, processes=processes, on_file=_progress(spoken, "progress.gather"))
    for line in gathered.lines(spoken):
        click.echo(line)
    tagged = tagging.tag(loaded, processes=processes, on_part=_progress(spoken, "progress.tag"))
    say("tag.done", spoken, n=tagged.n_tagged, known=tagged.n_known, empty=tagged.n_empty)
    if notebooks:
        publish.rerun_notebooks(loaded, lang=spoken, on_notebook=_progress(spoken, "progress.notebooks"))
    _written(publish.write_findings(publish.Evaluation(loaded, spoken)), spoken)


@_command(
    "simulate",
    click.argument("folder", type=click.Path(path_type=Path)),
    _option("--seed", "seed", type=int, default=2025, show_default=True),
    _option("--posts", "posts", type=click.IntRange(1), default=1500, show_default=True),
    _option("--comments", "comments", type=click.IntRange(0), default=10000, show_default=True),
)
def simulate(folder: Path, seed: int, posts: int, comments: int, lang: str | None) -> None:
    from campaignstats import simulate as simulation

    spoken = lang or machine_language()
    simulation.campaign(folder, seed=seed, n_posts=posts, n_comments=comments)
    say("simulate.done", spoken, folder=str(folder))


if __name__ == "__main__":
    main()
