"""Units of measure of numbers, as `x-unit` of their schema."""

from msgspec import Meta

UNITS: dict[str, str] = {
    "money": "Deal currency.",
    "money/month": "Deal currency per month.",
    "money/year": "Deal currency per year.",
    "money/kW": "Deal currency per kW.",
    "money/kW-month": "Deal currency per kW and month.",
    "money/kW-year": "Deal currency per kW and year.",
    "money/MWh": "Deal currency per MWh.",
    "kW": "Kilowatts.",
    "MW": "Megawatts.",
    "MWh": "Megawatt-hours.",
    "share": "A part of a whole, which is 1.",
    "ratio": "One quantity over another of its kind: a cover, a loan to value, a PUE, a factor.",
    "rate": "Per year, as a decimal: 0.05 is five percent a year.",
    "volatility": "Standard deviation of a logarithm over a year.",
    "probability": "From 0, never, to 1, certain.",
    "months": "Months.",
    "years": "Years.",
    "hours/year": "Hours per year.",
    "count": "How many, or which of many.",
    "none": "A number that measures nothing: a seed, a status.",
    "as-stated": "That of what is named beside it or around it: a test, a measure, an adjustment, a figure.",
}


def unit(name: str) -> Meta:
    """Say in the schema, as `x-unit`, what a number is measured in; the outermost word is the last.

    Raises
    ------
    KeyError
        If it is no unit of `UNITS`.

    >>> unit("MWh").extra_json_schema
    {'x-unit': 'MWh'}
    """
    if name not in UNITS:
        raise KeyError(name)
    return Meta(extra_json_schema={"x-unit": name})
