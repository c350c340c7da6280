"""The steps of a plan one by one, each from files it is given to files it leaves: what other build systems call.

No network, no configuration of the user's and no store but a passing one; docs/reference/steps.md.
"""
