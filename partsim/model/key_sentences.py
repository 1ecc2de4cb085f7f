"""The sentences under the keys of a scenario, read from the source when a schema is asked for."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema

from partsim.model.durations import Frozen


class SchemaWithSentences(GenerateJsonSchema):
    """
    A JSON Schema with the sentence under each field as its description.

    Pydantic's `use_attribute_docstrings` does the same, but reads the source of every class when
    it is imported: a fiftieth of a short run, for texts that only a schema and errors show.
    """

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Describe one class."""
        described = super().model_schema(schema)
        for key, sentence in key_sentences(schema["cls"]).items():
            described["properties"][key]["description"] = sentence
        return described


def key_sentences(kind: type) -> dict[str, str]:
    """
    Give the sentence under each field of a class that has one.

    Parameters
    ----------
    kind : type
        A part of a scenario, of the top of a module; other bases than `Frozen` are left out.

    Returns
    -------
    dict of str to str
        By field, inherited ones too.

    Examples
    --------
    >>> from partsim.model.durations import MeanAndCv
    >>> key_sentences(MeanAndCv)["mean"]
    'Mean duration, with unit.'
    """
    found: dict[str, str] = {}
    for owner in reversed(kind.__mro__):
        if issubclass(owner, Frozen):
            for field, below in pairwise(_bodies(owner.__module__)[owner.__name__]):
                match field, below:
                    case (
                        ast.AnnAssign(target=ast.Name(id=key)),
                        ast.Expr(value=ast.Constant(value=str(sentence))),
                    ):
                        found[key] = inspect.cleandoc(sentence)
    return found


@cache
def _bodies(module: str) -> dict[str, list[ast.stmt]]:
    """Give the statements of every class of a module."""
    statements = ast.parse(inspect.getsource(sys.modules[module])).body
    return {entry.name: entry.body for entry in statements if isinstance(entry, ast.ClassDef)}
