"""The transition to each of several platforms."""

def _each_platform(_settings, attr):
    return {str(one): {"//command_line_option:platforms": [str(one)]} for one in attr.platforms}

each_platform = transition(
    implementation = _each_platform,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)
