"""The report of an exploration: clusters, labels, maps, generated samples among real ones."""

import shlex
from collections.abc import Sequence
from html import escape
from importlib import metadata
from pathlib import Path

import numpy as np

from ganvas import figures, unsupervised
from ganvas.exploration import ACROSS, MAPPED, ODD, RESTORED, SHOWN, Exploration, Generated
from ganvas.images import grid
from ganvas.report import charts, maps, page
from ganvas.report.charts import Series, figure
from ganvas.report.maps import Kinds
from ganvas.report.pictures import image, sheet
from ganvas.report.pieces import paired_bars
from ganvas.report.words import count, duration, kind_of_samples, listed
from ganvas.whole import save_text

COLUMNS = 20  # labels in a table
MOSTLY, WORTH_NAMING = 3, 0.02
RARELY = 0.25  # of its share among real samples: a cluster that the generator leaves out, or nearly
REAL = "color-mix(in srgb, var(--s6) 55%, var(--paper))"  # under what is generated
SOME = 0.01  # of the real samples: a smaller cluster is left out by chance

TSNE = (
    "t-SNE keeps near neighbours near: see what clumps together; how large a clump is and how far from the next means "
    "little. PCA keeps the two directions in which the data vary most."
)
MEANINGS = {
    "Purity": "the share of samples whose label is the most common one of their cluster; more clusters make it higher",
    "NMI": "normalised mutual information: what cluster and label tell of each other, 0 nothing, 1 everything",
    "ARI": "adjusted Rand index: are pairs of samples together in both? 0 as by chance, 1 always",
}


def write(found: Exploration, folder: str | Path, words: Sequence[str] = ()) -> Path:
    """Write an exploration's `report.html` into its folder, and say where it is.

    `words` are the command line that made it, where one did.
    """
    parts = (
        ("Clusters", clusters(found)),
        ("How many clusters", choice(found)),
        ("Clusters and labels", labels(found)),
        ("The map", plane(found)),
        ("Through the autoencoder", restored(found)),
        ("Real and generated", generated(found)),
        ("Furthest from every centre", odd(found)),
        ("How it was made", making(found, words)),
    )
    title = f"{found.samples.name} explored"
    body = f"<header><h1>{escape(title)}</h1>{summary(found)}</header>"
    body += "".join(f'<section><h2 class="part">{name}</h2>{part}</section>' for name, part in parts if part)
    return save_text(page.of(title, body), Path(folder) / "report.html")


def summary(found: Exploration) -> str:
    """What was looked at and what came out: one paragraph."""
    samples, sizes = found.samples, found.clusters.sizes
    some = f" (of {found.total:,})" if found.total > len(samples) else ""
    said = [
        f"{len(samples):,}{some} {kind_of_samples(samples.shape)} of {samples.name}, in {len(sizes)} clusters that "
        f"K-means found by {_values(found)}. The largest holds {_percent(sizes.max() / len(samples))} of them, the "
        f"smallest {_percent(sizes.min() / len(samples))}."
    ]
    if found.agreement:
        said.append(
            f"K-means was not told the {len(samples.classes)} labels; {_percent(found.agreement.purity)} of the "
            "samples have the label that is most common in their cluster."
        )
    if found.generated:
        said.append(_left_out(found.generated))
    return f'<p class="lead">{escape(" ".join(said))}</p>'


def _values(found: Exploration) -> str:
    if found.points:
        return "their places"
    own = {"pixels": f"all {found.width:,} pixel values", "pca": f"{found.width} principal components of their pixels"}
    return own.get(found.features, f"{found.width:,} features ({found.features})")


def clusters(found: Exploration) -> str:
    """A row for every cluster: its centre, the samples nearest to that, its size, and its labels."""
    sizes, total = found.clusters.sizes, len(found.samples)
    head = ["Cluster", "Centre", *([] if found.points else ["Nearest to it"]), "Size"]
    head += ["Mostly"] if found.agreement else []
    rows = ""
    for cluster, size in enumerate(sizes[:SHOWN]):
        centre = _centre(found, cluster)
        near = "" if found.points else f'<td class="near">{_sheet(found, cluster)}</td>'
        mostly = f'<td class="mostly">{_mostly(found, cluster)}</td>' if found.agreement else ""
        rows += (
            f'<tr><th scope="row"><span class="key" style="color:{figures.kind_colour(cluster)}">{cluster}</span></th>'
            f'<td class="centre">{centre}</td>{near}'
            f'<td class="number">{size:,}<small>{_percent(size / total)}</small></td>{mostly}</tr>'
        )
    columns = "".join(f'<th scope="col"{" class=number" if name == "Size" else ""}>{name}</th>' for name in head)
    centres = "The centre is the mean of a cluster's images." if not found.points else ""
    fewer = f" The {SHOWN} largest of {len(sizes)}; clusters.csv has them all." if len(sizes) > SHOWN else ""
    return (
        f"<p>The largest first. {centres}{fewer}</p>"
        f'<table class="clusters"><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>'
    )


def _centre(found: Exploration, cluster: int) -> str:
    centre = found.centres[cluster]
    if found.points:
        return f"({', '.join(figure(round(float(place), 3)) for place in centre)})"
    return image(centre, f"The centre of cluster {cluster}")


def _sheet(found: Exploration, cluster: int) -> str:
    near = found.nearest[cluster]
    return sheet(near, 10, f"Samples of cluster {cluster}") if len(near) else ""


def _mostly(found: Exploration, cluster: int) -> str:
    assert found.agreement is not None
    held = found.agreement.table[cluster]
    order = [label for label in np.argsort(-held, kind="stable")[:MOSTLY] if held[label] > WORTH_NAMING * held.sum()]
    said = (f"<b>{escape(found.samples.classes[label])}</b> {held[label] / held.sum():.0%}" for label in order)
    return " ".join(f"<span>{entry}</span>" for entry in said)


def choice(found: Exploration) -> str:
    """The curves that the number of clusters was chosen by; nothing where it was given."""
    chosen = found.choice
    if not chosen:
        return ""
    best = max(chosen.silhouettes)
    why = (
        f"The silhouette is highest at {chosen.by_silhouette} clusters ({figure(round(best, 3))}), which is above "
        f"{unsupervised.SUBSTANTIAL}: clusters stand apart, and that number was taken. The elbow lies at "
        f"{chosen.by_elbow}."
        if chosen.substantial
        else f"The silhouette is highest at {chosen.by_silhouette} clusters, but only {figure(round(best, 3))}: up to "
        f"{unsupervised.SUBSTANTIAL} clusters hardly stand apart from each other in these features, and it does not "
        f"decide. The elbow, where more clusters begin to gain less, lies at {chosen.by_elbow}: that number was taken."
    )
    drawn = "".join(
        charts.lines(title, [Series(title, chosen.counts, values)], across="clusters")
        for title, values in (
            ("Silhouette: 1 for clusters far apart, 0 for none", chosen.silhouettes),
            ("Squared distances within clusters (elbow)", chosen.inertias),
        )
    )
    return f'<p>{escape(why)}</p><div class="charts">{drawn}</div>'


def labels(found: Exploration) -> str:
    """How far the clusters are the labels; nothing where there are none."""
    agreement = found.agreement
    if not agreement:
        return ""
    values = agreement.purity, agreement.mutual_information, agreement.rand_index
    rows = "".join(
        f'<tr><th scope="row">{name}<small>{meaning[:1].upper() + meaning[1:]}</small></th>'
        f'<td class="number">{value:.3f}</td></tr>'
        for (name, meaning), value in zip(MEANINGS.items(), values, strict=True)
    )
    common = agreement.table.sum(axis=0).max() / agreement.table.sum()
    return (
        f'<table class="agreement"><tbody>{rows}</tbody></table>'
        f'<p class="under">One cluster of all samples would have a purity of {common:.3f}.</p>{_confusion(found)}'
    )


def _confusion(found: Exploration) -> str:
    assert found.agreement is not None
    table, classes = found.agreement.table, found.samples.classes
    if len(classes) > COLUMNS:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in classes)
    rows = "".join(
        f'<tr><th scope="row">{cluster}</th>{"".join(_cell(held, row.sum()) for held in row)}</tr>'
        for cluster, row in enumerate(table[:SHOWN])
    )
    return (
        "<h3>How many of each cluster have each label</h3>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Clusters and labels"><table class="confusion">'
        f'<thead><tr><th scope="col">Cluster</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _cell(held: int, size: int) -> str:
    share = held / max(size, 1)
    strong = ' class="strong"' if share > 0.6 else ""
    return f'<td{strong} style="--share:{share:.2f}">{held:,}</td>'


def plane(found: Exploration) -> str:
    """The maps, by cluster and by label, and one with the images themselves."""
    rows = found.map.rows
    names = found.samples.names
    told = [f"number {found.index[row]}" if names is None else str(names[row]) for row in rows]
    colourings = {
        title: Kinds(kinds, names, [figures.kind_colour(kind) for kind in range(len(names))])
        for title, (kinds, names) in found.colourings.items()
    }
    some = f"{len(rows):,} of {len(found.samples):,} samples" if len(rows) < len(found.samples) else "All samples"
    meaning = f" {TSNE}" if "t-SNE" in found.map.layouts else ""
    caption = f"{some}.{meaning} Press a colour's name to see that kind alone."
    images = None if found.points else np.asarray(found.samples.images[rows])
    drawn = maps.chart("map", found.map.layouts, colourings, told, images, caption)
    if found.points:
        return drawn
    said = "The same places, with one image for each cell, framed in its cluster's colour."
    mosaic = image(found.mosaic(), "A map of the images")
    return f"{drawn}<figure>{mosaic}<figcaption>{said}</figcaption></figure>"


def restored(found: Exploration) -> str:
    """Samples above what comes back of them, the worst too, and what a code of two numbers stands for, drawn."""
    made = found.restored
    if not made:
        return ""
    said = (
        f"{count(RESTORED, 'sample')} drawn at random, and below each what {count(found.width, 'number')} kept of it; "
        f"then the {RESTORED} that come back worst: unusual ones. The mean squared error is "
        f"{figure(round(float(made.errors.mean()), 5))} of a full range of 1, that of the worst "
        f"{figure(round(float(made.errors.max()), 4))}; clusters.csv has every sample's."
    )
    pairs = image(found.pairs(), "Samples and what an autoencoder makes of them")
    drawn = f"<figure>{pairs}<figcaption>{escape(said)}</figcaption></figure>"
    if made.plane is None:
        return drawn
    grid_said = (
        "What the places of the map stand for, decoded, from the 1st to the 99th percentile of either number. "
        f"From one place to the next is a {ACROSS}th of the samples, so the middle of the map has most of the picture."
    )
    decoded = image(grid(made.plane, ACROSS, gap=0), "Images decoded from places of the code")
    return f"{drawn}<figure>{decoded}<figcaption>{grid_said}</figcaption></figure>"


def generated(found: Exploration) -> str:
    """Real and generated samples on one map, and their shares of the clusters; nothing where none were given."""
    made = found.generated
    if not made:
        return ""
    each = len(made.samples)
    origin = Kinds(made.is_generated.astype(int), ("real", "generated"), (REAL, "var(--s2)"), named=False)
    told = [f"number {number}" for number in (*found.index[made.rows], *range(each))]
    both = np.concatenate([found.clusters.labels[made.rows], made.clusters])
    names = [str(cluster) for cluster in range(len(found.clusters.centres))]
    colours = [figures.kind_colour(cluster) for cluster in range(len(names))]
    images = None if found.points else np.concatenate([found.samples.images[made.rows], made.samples])
    layout = {"places" if found.points or found.width == 2 else "t-SNE": made.places}
    caption = (
        f"{len(made.rows):,} real and {each:,} generated samples. Where there is only grey, the generator makes "
        "nothing: a missing mode. Where there is only orange, it makes what does not occur."
    )
    colourings = {"origin": origin, "cluster": Kinds(both, names, colours)}
    drawn = maps.chart("both", layout, colourings, told, images, caption)
    shares = {
        f"cluster {cluster}": (float(real), float(share))
        for cluster, (real, share) in enumerate(zip(made.real_shares, made.shares, strict=True))
    }
    sentence = f"What share of {made.count:,} samples of {_short(made)} lies in each cluster."
    bars = paired_bars(sentence, shares, ("cluster", "clusters"))
    return f"<p>{escape(_left_out(made))}</p>{drawn}{bars}"


def _left_out(made: Generated) -> str:
    """Which clusters the generator leaves out, in a sentence."""
    rare = (made.shares < RARELY * made.real_shares) & (made.real_shares > SOME)
    if not rare.any():
        return f"{_short(made)} has samples in every cluster."
    worst = sorted(np.flatnonzero(rare), key=lambda cluster: -made.real_shares[cluster])[:5]
    said = listed([f"cluster {c} ({_percent(made.shares[c])}, real {_percent(made.real_shares[c])})" for c in worst])
    more = f", and {rare.sum() - len(worst)} more" if rare.sum() > len(worst) else ""
    return f"{_short(made)} leaves out, or nearly: {said}{more}."


def _short(made: Generated) -> str:
    """The name of a run or a file without the folders that it is in."""
    return Path(made.name).name


def odd(found: Exploration) -> str:
    """The samples that fit no cluster."""
    if found.points:
        return ""
    rows = found.clusters.furthest(ODD)
    said = (
        "The samples that lie furthest from every centre, the furthest first: unusual ones, and mistakes in the data "
        "where there are any. clusters.csv has the distance of each."
    )
    drawn = sheet(found.thumbnails(rows), 10, "The samples furthest from every centre")
    return f"<figure>{drawn}<figcaption>{said}</figcaption></figure>"


def making(found: Exploration, words: Sequence[str]) -> str:
    """The command, what it took, the data's hash, versions."""
    facts = {
        "Time": ", ".join(f"{stage} {duration(spent)}" for stage, spent in found.seconds.items() if spent >= 1),
        "Features": f"{found.features}, {count(found.width, 'value')} a sample",
        "Map": f"{len(found.map.rows):,} samples drawn at random, at most {MAPPED:,}",
        "Data's SHA-256": found.samples.sha256,
        "Versions": ", ".join(f"{name} {metadata.version(name)}" for name in ("scikit-learn", "numpy")),
        "Notes": " ".join(found.notes),
    }
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.items() if value)
    command = f"<pre><code>{escape(shlex.join(words))}</code></pre>" if words else ""
    return f'{command}<dl class="facts">{rows}</dl>'


def _percent(share: float) -> str:
    return f"{share:.1%}"
