"""Writes BUILD files: values in, text out, in buildifier's form as far as it is cheap to have."""

def select_of(choices, none = ""):
    """Stands for a `select` in `call`.

    Args:
        choices: dict from label to value.
        none: string; what is said when no choice fits, or "" where one always does.

    Returns:
        struct.
    """
    return struct(choices = choices, none = none)

def call(function, *positional, **named):
    """Writes a call; arguments that are empty are left out.

    Args:
        function: string; its name.
        *positional: values.
        **named: values, or `select_of` some.

    Returns:
        string.
    """
    lines = ["    %s,\n" % repr(one) for one in positional]
    lines += ["    %s = %s,\n" % (key, _value(one)) for key, one in named.items() if one or one == 0]
    return "%s(\n%s)\n" % (function, "".join(lines))

def load_lines(loads):
    """Writes the head of a file.

    Args:
        loads: dict from label of a .bzl file to the names wanted from it.

    Returns:
        string.
    """
    return "".join(["load(%s)\n" % ", ".join([repr(one) for one in [label] + names]) for label, names in sorted(loads.items())])

def build_file(title, loads, calls):
    """Writes a BUILD file.

    Args:
        title: string; what the package is.
        loads: dict from label of a .bzl file to the names wanted from it.
        calls: list of strings, as `call` returns them.

    Returns:
        string.
    """
    head = '"""%s Made from the plan by crosswheel; changes are lost."""\n\n' % title
    return head + load_lines(loads) + '\npackage(default_visibility = ["//visibility:public"])\n\n' + "\n".join(calls)

def _value(value):
    if type(value) != "struct":
        return repr(value)
    choices = ["        %s: %s,\n" % (repr(key), repr(one)) for key, one in value.choices.items()]
    none = "        no_match_error = %s,\n" % repr(value.none) if value.none else ""
    return "select(\n        {\n    %s        },\n%s    )" % ("    ".join(choices), none)
