"""The rules users load.

| rule | makes |
|---|---|
| `wheel_repository` | the wheels of a target as a simple index, a flat folder and a lock |
| `wheel_tree` | the wheels of a target, installed |
| `for_platforms` | one target, built for several platforms |
| `plan_test` | a test that a plan is not stale |
"""

load("//rules/private:for_platforms.bzl", _for_platforms = "for_platforms")
load("//rules/private:plan_test.bzl", _plan_test = "plan_test")
load("//rules/private:wheel_repository.bzl", _wheel_repository = "wheel_repository")
load("//rules/private:wheel_tree.bzl", _wheel_tree = "wheel_tree")

for_platforms = _for_platforms
plan_test = _plan_test
wheel_repository = _wheel_repository
wheel_tree = _wheel_tree
