"""Words and numbers of a task's texts as token ids: a fixed vocabulary, found in texts once and never changed after. Needs numpy."""

import re

import numpy as np

# A word with its digits and underscores, a number, or any other sign by itself; line breaks count, other spaces do not.
_PIECES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?|\n|[^\sA-Za-z0-9_]")
UNKNOWN = "<unknown>"
_PREAMBLE = ("Task: ", "Others: ", "Words you can ", "Places are ")


def pieces(text):
    return _PIECES.findall(text)


def without_preamble(text):
    """The first text of an episode without the lines that are the same in every level and for both agents; who the agent is stays."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_PREAMBLE))


class Tokenizer:
    """Ids 0..N-1: first `<unknown>`, then the words of calls in the order given, then those of the texts by their alphabet.

    Args:
        action_words: Words that calls are made of, which the model may sample.
        texts: Where all other words and numbers are found.

    `num_unknown` of `num_encoded` tokens so far were in neither.
    """

    def __init__(self, action_words, texts):
        found = {piece for text in texts for piece in pieces(text)}
        self.words = [UNKNOWN, *action_words, *sorted(found - set(action_words))]
        self._ids = {word: index for index, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            raise ValueError(f"action_words must differ; got {list(action_words)}. Leave out what is there twice.")
        self.action_ids = np.arange(1, 1 + len(action_words), dtype=np.int32)
        self.num_encoded = 0
        self.num_unknown = 0

    def __len__(self):
        return len(self.words)

    def encode(self, text):
        """Ids of a text, `[T]` i32."""
        ids = np.array([self._ids.get(piece, 0) for piece in pieces(text)], dtype=np.int32)
        self.num_encoded += len(ids)
        self.num_unknown += int((ids == 0).sum())
        return ids

    def decode(self, ids):
        """The words of ids, in order."""
        return [self.words[index] for index in ids]
