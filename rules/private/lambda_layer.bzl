"""The rule `lambda_layer`: the wheels of a target as a layer of AWS Lambda."""

load("//rules:providers.bzl", "TargetWheelsInfo")
load(":steps.bzl", "CORE_TYPE", "WHEELS_ATTRIBUTE", "add_target_wheels", "run_step")

def _lambda_layer(ctx):
    given = ctx.attr.wheels[TargetWheelsInfo]
    archive = ctx.actions.declare_file(ctx.label.name + ".zip")

    def fill(arguments):
        add_target_wheels(arguments, given)
        if ctx.attr.limit:
            arguments.add("--limit", str(ctx.attr.limit))

    run_step(
        ctx,
        step = "lambda",
        plan = given.part,
        output = archive,
        fill = fill,
        inputs = [given.wheels],
        mnemonic = "CrosswheelLambda",
        message = "Writing the Lambda layer %{label} of " + given.target,
    )
    return [DefaultInfo(files = depset([archive]))]

lambda_layer = rule(
    implementation = _lambda_layer,
    doc = "The wheels of a target as a layer of AWS Lambda, `NAME.zip`, within Lambda's limits; every wheel is checked.",
    attrs = WHEELS_ATTRIBUTE | {
        "limit": attr.int(doc = "How many bytes the layer may have unpacked (default: Lambda's own limit)."),
    },
    toolchains = [CORE_TYPE],
)
