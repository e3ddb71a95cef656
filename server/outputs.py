"""How the output of a foreign image classifier is to be read: its registry entry says it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from server.entries import Section
from server.errors import WeightsError
from server.views import Floats

Doubles = npt.NDArray[np.float64]
#: What must still be done to a classifier's output to make it a probability.
ACTIVATIONS = ("sigmoid", "softmax", "none")
#: A probability that a network rounded to 0 or 1 is taken to be this far from it.
LEAST = 1e-7


@dataclass(frozen=True)
class Output:
    """How a classifier's output is to be read."""

    #: Its name in the network; None = the network's first.
    name: str | None
    activation: str
    classes: tuple[str, ...]
    #: Places of the classes that mean AI.
    ai: tuple[int, ...]

    def logits(self, values: Floats) -> Doubles:
        """Return the log odds of AI of each view. Raises WeightsError for another shape.

        `values`: shape (views, classes), or (views, 1): one number, of the second of two classes.
        For sigmoid they are logits, for softmax one logit a class, for none probabilities.
        """
        table = values.astype(np.float64)
        count = 2 if table.shape[1] == 1 else table.shape[1]
        if count != len(self.classes) or (table.shape[1] == 1 and self.activation == "softmax"):
            raise WeightsError(
                f"The output has shape {values.shape}; {len(self.classes)} classes and "
                f"activation {self.activation} do not fit it."
            )
        rest = [at for at in range(count) if at not in self.ai]
        if self.activation == "softmax":
            return _logsumexp(table[:, self.ai]) - _logsumexp(table[:, rest])
        if self.activation == "sigmoid":
            one = table[:, 0] if self.ai == (1,) else -table[:, 0]
            return one if table.shape[1] == 1 else table[:, self.ai[0]]
        if table.shape[1] == 1:
            table = np.hstack([1 - table, table])
        share = table[:, self.ai].sum(axis=1).clip(LEAST, 1 - LEAST)
        odds: Doubles = np.log(share) - np.log1p(-share)
        return odds


def read_output(section: Section) -> Output:
    """Read how a classifier's output is to be read. Raises WeightsError."""
    section.only(("name", "activation", "classes", "ai"))
    classes = section.values.get("classes")
    if not isinstance(classes, list) or len(set(map(str, classes))) < max(2, len(classes)):
        raise section.refused("classes", "a list of at least two different names")
    names = [str(name) for name in classes]
    wanted = section.values.get("ai")
    chosen = wanted if isinstance(wanted, list) else [wanted]
    by_name = {name: at for at, name in enumerate(names)} | {at: at for at in range(len(names))}
    places = {by_name[name] for name in chosen if type(name) in (str, int) and name in by_name}
    if not places or len(places) < len(chosen) or len(places) == len(names):
        raise section.refused(
            "ai", f"the name or place (from 0) of some, not all, of {', '.join(names)}"
        )
    activation = section.choice("activation", ACTIVATIONS, "")
    if activation == "sigmoid" and len(places) > 1:
        raise section.refused("ai", "one class where the activation is sigmoid")
    return Output(
        section.text("name") if "name" in section.values else None,
        activation,
        tuple(names),
        tuple(sorted(places)),
    )


def logistic(logits: Doubles) -> Doubles:
    """Return the share 0…1 that each logit stands for."""
    # The two halves of the logistic: neither overflows.
    share = np.exp(-np.abs(logits))
    found: Doubles = np.where(logits >= 0, 1, share) / (1 + share)
    return found


def _logsumexp(table: Doubles) -> Doubles:
    top = table.max(axis=1)
    found: Doubles = top + np.log(np.exp(table - top[:, None]).sum(axis=1))
    return found
