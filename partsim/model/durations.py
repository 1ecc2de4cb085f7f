"""A distribution as a planner writes it, `{weibull: {mean: 12 months, shape: 3}}`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from partsim.lifetimes import Distribution, Exponential, Fixed, Gamma, Lognormal, Weibull
from partsim.lifetimes.competing import Competing
from partsim.model.fields import Duration, PositiveDuration
from partsim.model.units import show


class Frozen(BaseModel):
    """Base of every part of a scenario: immutable, and unknown keys refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy; what was worked out from the values before belongs to these."""
        copy = super().model_copy(update=update, deep=deep)
        for name in copy.__dict__.keys() - type(self).model_fields.keys():
            del copy.__dict__[name]
        return copy


class MeanOnly(Frozen):
    """A distribution with one free number."""

    mean: PositiveDuration
    """Mean duration, with unit."""


class MeanAndCv(Frozen):
    """A distribution given by mean and coefficient of variation."""

    mean: PositiveDuration
    """Mean duration, with unit."""
    cv: float = Field(gt=0, le=20)
    """Coefficient of variation: standard deviation over mean."""


class MeanAndShape(Frozen):
    """A distribution given by mean and shape, or by mean and coefficient of variation."""

    mean: PositiveDuration
    """Mean duration, with unit."""
    shape: float | None = Field(default=None, ge=0.1, le=100)
    """Shape: above 1 wear-out, 1 exponential, below 1 infant mortality."""
    cv: float | None = Field(default=None, ge=0.02, le=20)
    """Coefficient of variation instead of the shape."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.shape is None) == (self.cv is None):
            raise ValueError(
                "expected either 'shape' or 'cv', got " + ("neither", "both")[self.cv is not None]
            )
        return self


def _spell_out(value: object) -> object:
    """Take '14 d' for {fixed: 14 d}."""
    if isinstance(value, dict | BaseModel):
        return value
    if isinstance(value, str) and value:
        return {"fixed": value}
    raise ValueError(
        "expected a distribution such as {weibull: {mean: 12 months, shape: 3}} "
        f"or a fixed time such as '14 d', got {show(value)}"
    )


class DurationSpec(Frozen):
    """
    A random duration: exactly one distribution.

    Examples
    --------
    >>> DurationSpec.model_validate({"weibull": {"mean": "12 months", "shape": 3}}).distribution
    Weibull(mean=365.0, shape=3.0)
    """

    exponential: MeanOnly | None = None
    """Constant hazard."""
    weibull: MeanAndShape | None = None
    """Wear-out (shape above 1) or infant mortality (shape below 1)."""
    gamma: MeanAndShape | None = None
    """Sum of stages; the usual choice for lead times."""
    lognormal: MeanAndCv | None = None
    """Skewed; the usual choice for repair times."""
    fixed: Duration | None = None
    """Always the same; '14 d' alone means this."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_fields_set) != 1 or self._given is None:
            raise ValueError(
                f"expected exactly one of {', '.join(type(self).model_fields)}, got "
                + (" and ".join(sorted(self.model_fields_set)) or "none")
            )
        return self

    @property
    def _given(self) -> Any:  # noqa: ANN401
        return getattr(self, next(iter(self.model_fields_set)))

    @cached_property
    def distribution(self) -> Distribution:
        """The distribution, in days."""
        match self:
            case DurationSpec(exponential=MeanOnly() as spec):
                return Exponential(spec.mean)
            case DurationSpec(lognormal=MeanAndCv() as spec):
                return Lognormal(spec.mean, spec.cv)
            case DurationSpec(weibull=MeanAndShape() as spec):
                if spec.shape is not None:
                    return Weibull(spec.mean, spec.shape)
                return Weibull.from_cv(spec.mean, spec.cv or 1.0)
            case DurationSpec(gamma=MeanAndShape() as spec):
                if spec.shape is not None:
                    return Gamma(spec.mean, spec.shape)
                return Gamma.from_cv(spec.mean, spec.cv or 1.0)
            case _:
                return Fixed(self.fixed or 0.0)


RandomDuration = Annotated[DurationSpec, BeforeValidator(_spell_out)]


class LifetimeSpec(DurationSpec):
    """
    A life: exactly one distribution, or several ways to fail.

    Examples
    --------
    >>> wear, early = {"weibull": {"mean": "1 year", "shape": 3}}, "9 years"
    >>> LifetimeSpec.model_validate({"modes": [wear, early]}).distribution.modes
    (Weibull(mean=365.0, shape=3.0), Fixed(mean=3285.0))
    """

    modes: tuple[RandomDuration, ...] | None = None
    """Lifetimes only: ways to fail, such as early and by wear; the first to end counts."""

    @field_validator("modes")
    @classmethod
    def _several(cls, modes: tuple[DurationSpec, ...] | None) -> tuple[DurationSpec, ...] | None:
        if modes is not None and not 2 <= len(modes) <= 8:
            raise ValueError(f"expected 2 to 8 ways to fail, got {len(modes)}")
        return modes

    @cached_property
    def distribution(self) -> Distribution:
        """The distribution, in days."""
        if self.modes is not None:
            return Competing(tuple(mode.distribution for mode in self.modes))
        return super().distribution


Lifetime = Annotated[LifetimeSpec, BeforeValidator(_spell_out)]
