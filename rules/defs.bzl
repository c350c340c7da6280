"""The rules users load.

| rule | makes |
|---|---|
| `wheel_repository` | the wheels of a target as a simple index, a flat folder and a lock |
| `wheel_tree` | the wheels of a target, installed |
| `wheel_layers` | the wheels of a target as layers of a container image |
| `oci_image` | an image of one platform, as an OCI layout |
| `oci_image_index` | one image for several platforms |
| `lambda_layer` | the wheels of a target as a layer of AWS Lambda |
| `for_platforms` | one target, built for several platforms |
| `import_test` | a test that modules of the wheels can be imported on the target |
| `plan_test` | a test that a plan is not stale |
| `plan_update` | makes a plan anew |
"""

load("//rules/private:for_platforms.bzl", _for_platforms = "for_platforms")
load("//rules/private:import_test.bzl", _import_test = "import_test")
load("//rules/private:lambda_layer.bzl", _lambda_layer = "lambda_layer")
load("//rules/private:oci_image.bzl", _oci_image = "oci_image")
load("//rules/private:oci_image_index.bzl", _oci_image_index = "oci_image_index")
load("//rules/private:plan_test.bzl", _plan_test = "plan_test")
load("//rules/private:plan_update.bzl", _plan_update = "plan_update")
load("//rules/private:wheel_layers.bzl", _wheel_layers = "wheel_layers")
load("//rules/private:wheel_repository.bzl", _wheel_repository = "wheel_repository")
load("//rules/private:wheel_tree.bzl", _wheel_tree = "wheel_tree")

for_platforms = _for_platforms
import_test = _import_test
lambda_layer = _lambda_layer
oci_image = _oci_image
oci_image_index = _oci_image_index
plan_test = _plan_test
plan_update = _plan_update
wheel_layers = _wheel_layers
wheel_repository = _wheel_repository
wheel_tree = _wheel_tree
