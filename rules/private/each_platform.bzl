"""The transition to each of several platforms."""

# A key says the place of a platform in the list besides its label: an `alias` has two labels, and only this one is known here.
def _each_platform(_settings, attr):
    return {"%d %s" % (place, one): {"//command_line_option:platforms": [str(one)]} for place, one in enumerate(attr.platforms)}

def by_platform(split):
    """Orders what a rule has of an attribute with the transition.

    Args:
        split: dict; the attribute, of `ctx.split_attr`.

    Returns:
        list of (Label, Target); each platform as it was named, in the order of `platforms`.
    """
    found = {}
    for key, one in split.items():
        place, _, label = key.partition(" ")
        found[int(place)] = (Label(label), one)
    return [found[place] for place in sorted(found)]

each_platform = transition(
    implementation = _each_platform,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)
