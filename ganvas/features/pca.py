"""The first 50 principal components of all pixels, fitted to the data themselves; of points, two."""

from ganvas.data import Samples
from ganvas.features import Extracted, Extractor
from ganvas.unsupervised import Components

COMPONENTS = 50


def build(samples: Samples) -> Extractor:
    """The components of this data set."""
    components = Components.fit(samples.images, COMPONENTS)
    return Extractor("pca", f"pca-{COMPONENTS}-{samples.sha256}", lambda images: Extracted(components(images)))
