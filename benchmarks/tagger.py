"""How well and how fast the tagger tags: ``python benchmarks/tagger.py [LABELLED_FOLDER]``.

Quality on the seed by cross-validation (near-copies kept together, texts never seen; cuts chosen on the same scores, so
a little kind), on ``rows.csv`` by a model that saw only ``seed.csv`` (another hand), on the synthetic sample against
its truth, and on labelled texts of other fields where the folder is there. Those sets are for research only; nothing
is trained on them, nor on the sample. Macro-F1.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from campaignstats import campaign, gather
from campaignstats.store import Store
from campaignstats.tagging import masked_phrases
from campaignstats.text import tagger, train
from campaignstats.text.normalise import folded
from campaignstats.text.privacy import redacted_all
from campaignstats.text.tokens import word_tokens

# an hour's prototype on the same sets: lists with rules or linear, the better of the two
FLOOR = {"vlsp2016": 0.57, "visfd": 0.63, "vsfc": 0.51, "vihsd": 0.76, "victsd": 0.55}


def f1(said: np.ndarray, true: np.ndarray) -> float:
    """F1 of a yes/no answer."""
    return float(2 * (said & true).sum() / max(said.sum() + true.sum(), 1))


def macro_f1(said: pd.Series, true: pd.Series) -> float:
    """The mean F1 over the labels that occur in the truth."""
    return float(np.mean([f1((said == label).to_numpy(), (true == label).to_numpy()) for label in sorted(set(true))]))


def line(name: str, found: list[train.Example], scores: np.ndarray, cuts: np.ndarray) -> None:
    """One line of scores of the tags of our own field."""
    answers, over = train.truth(found), scores - cuts
    place = {output: i for i, output in enumerate(tagger.OUTPUTS)}
    by_theme = {code: f1(over[:, place[f"theme:{code}"]] > 0, answers[f"theme:{code}"] == 1) for code in tagger.CODES}
    themeless = np.array([not e.themes for e in found])
    false = (over[themeless, : len(tagger.CODES)] > 0).any(axis=1).mean()

    def best(tag: str, labels: tuple[str, ...]) -> float:
        chosen = over[:, [place[f"{tag}:{label}"] for label in labels]].argmax(axis=1)
        return macro_f1(pd.Series([labels[i] for i in chosen]), pd.Series([getattr(e, tag) for e in found]))

    hostile, truly = over[:, place["hostile"]] > 0, answers["hostile"] == 1
    print(
        f"{name:34} theme {np.mean(list(by_theme.values())):.2f}  false themes {false:.2f}"
        f"  sentiment {best('sentiment', tagger.SENTIMENTS):.2f}  stance {best('stance', tagger.STANCES):.2f}"
        f"  hostile {(f1(hostile, truly) + f1(~hostile, ~truly)) / 2:.2f}"
        f"  victim_blaming F1 {f1(over[:, place['victim_blaming']] > 0, answers['victim_blaming'] == 1):.2f}"
        f"  help F1 {f1(over[:, place['help']] > 0, answers['help'] == 1):.2f}"
    )
    print(" " * 35 + "  ".join(f"{code} {score:.2f}" for code, score in by_theme.items()))


def own_field() -> None:
    """Cross-validation on the seed, with and without accents, and one hand against the other."""
    found = train.examples()
    scores = train.unseen_scores(found)
    cuts = train.cuts_of(scores, train.truth(found))
    line("seed, cross-validated", found, scores, cuts)
    line("the same without accents", found, train.unseen_scores(found, [folded(e.text) for e in found]), cuts)
    first, second = train.examples([train.SEED / "seed.csv"]), train.examples([train.SEED / "rows.csv"])
    first_cuts = train.cuts_of(train.unseen_scores(first), train.truth(first))
    line("seed.csv -> rows.csv", second, train.fitted(first).scores([e.text for e in second]), first_cuts)


def other_fields(folder: Path) -> None:
    """The shipped weights on labelled texts of other fields."""
    print(f"\n{'other fields':24}{'macro-F1':>9}{'floor':>7}{'no accents':>12}{'with a theme':>14}{'texts':>7}")
    for name in ("vlsp2016", "visfd", "vsfc", "aivivn", "vihsd", "victsd"):
        (path,) = [p for p in folder.glob(f"*_{name}*.csv") if not p.name.startswith("topic")]
        table = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False)
        abuse = path.name.startswith("abuse")
        if not abuse:
            table = table[table["label"].isin(tagger.SENTIMENTS)]
        table = table.reset_index(drop=True)
        true = table["label"].isin(["OFFENSIVE", "HATE", "toxic"]).astype(str) if abuse else table["label"]

        def score(texts: pd.Series, abuse: bool = abuse, true: pd.Series = true) -> tuple[float, pd.DataFrame]:
            tagged = tagger.tags(texts.tolist())
            if set(true) == {"positive", "negative"}:  # no neutral there: what is not positive counts as negative
                return macro_f1(tagged["sentiment"].replace("neutral", "negative"), true), tagged
            return macro_f1((tagged["hostile"] != "no").astype(str) if abuse else tagged["sentiment"], true), tagged

        reached, tagged = score(table["text"])
        bare, _ = score(table["text"].map(folded))
        floor = f"{FLOOR[name]:.2f}" if name in FLOOR else "–"
        with_theme = (tagged["themes"] != "").mean()
        print(f"{path.stem:24}{reached:9.3f}{floor:>7}{bare:12.3f}{with_theme:14.3f}{len(table):7}")


THEMES = ("themes", "themes_masked")
SAMPLE = Path(__file__).parents[1] / "data" / "dong-nai-2025"
_DECLARED = ("campaign.toml", "accounts.xlsx", "places.xlsx", "activities.xlsx")


def sample(folder: Path) -> None:
    """Themes of the synthetic sample's distinct texts (gathered anew from its inbox) against its truth, with the
    declared themes and mask of its campaign, as ``campaignstats tag`` sees them.
    """
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place)
        shutil.copytree(folder / "inbox", copy / "inbox")
        for name in _DECLARED:
            shutil.copy(folder / name, copy / name)
        about = campaign.load(copy)
        gather.gather(about)
        posts, comments, sources = (Store(copy / "tables").frame(name) for name in ("post", "comment", "source"))
    true_posts, true_comments, files = (
        pd.read_csv(folder / "truth" / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("posts", "comments", "files")
    )
    # a comment is known by its line in its file, since an id may be missing
    true_comments["path"] = true_comments["file"].map(files.set_index("file")["path"])
    comments = comments.merge(sources[["source", "path"]], on="source")
    comments["row"] = comments["row"].astype(str)
    found = {
        "posts": posts.merge(true_posts, on=["platform", "post_id"], suffixes=("", "_true")),
        "comments": comments.merge(true_comments, on=["path", "row"], suffixes=("", "_true")),
    }
    for name, table in found.items():
        table = table[table["text"].fillna("").str.strip() != ""].drop_duplicates("text")
        tagged = tagger.tags(table["text"].tolist(), themes=about.themes or None, mask=masked_phrases(about))
        print(f"\nsample, {len(table):,} distinct {name}: precision, recall, F1, said, true")
        sets = {column: tagged[column].map(lambda cell: set(filter(None, cell.split("|")))) for column in THEMES}
        said, less = sets["themes"], sets["themes_masked"]
        true = [set(filter(None, cell.split("|"))) for cell in table["themes"]]
        scores = []
        for code in tagger.CODES:
            a, b = np.array([code in cell for cell in said]), np.array([code in cell for cell in true])
            both = (a & b).sum()
            scores.append(f1(a, b))
            print(
                f"  {code:16} {both / max(a.sum(), 1):.2f} {both / max(b.sum(), 1):.2f} {scores[-1]:.2f}"
                f" {a.sum():5} {b.sum():5}"
            )
        themeless = [bool(a) for a, b in zip(said, true, strict=True) if not b]
        gained = sum(bool(m - a) for a, m in zip(said, less, strict=True))
        help_said = (tagged["help"] == "yes").to_numpy()
        # no post of an institution is a call for help
        help_true = (table["help"] == "yes").to_numpy() if "help" in table else np.zeros(len(table), bool)
        print(
            f"  macro-F1 {np.mean(scores):.2f}  false themes {np.mean(themeless):.3f} of {len(themeless):,} themeless"
            f"  gained by masking {gained}\n"
            f"  sentiment right {(tagged['sentiment'].to_numpy() == table['sentiment'].to_numpy()).mean():.2f}"
            f"  help said {help_said.sum()}, right {(help_said & help_true).sum()} of {help_true.sum()}"
        )


def speed() -> None:
    """Texts a second in one process, on the seed's texts made different from each other."""
    texts = [e.text for e in train.examples()]
    many = [f"{text} {i}" for i in range(6) for text in texts]
    tagger.tags(many[:100])
    word_tokens(many[:100])
    print(f"\none process, {len(many):,} different texts of {np.mean([len(t) for t in many]):.0f} characters")
    for name, step in (("redaction", redacted_all), ("words by underthesea", word_tokens), ("all tags", tagger.tags)):
        started = time.perf_counter()
        step(many)
        print(f"  {name:22} {len(many) / (time.perf_counter() - started):>10,.0f} texts/s")


if __name__ == "__main__":
    own_field()
    if (SAMPLE / "inbox").is_dir():
        sample(SAMPLE)
    labelled = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "labelled")
    if labelled.is_dir():
        other_fields(labelled)
    else:
        print(f"\nno labelled sets in {labelled}: other fields not measured")
    speed()
