"""The rule `lambda_layer`: the wheels of a target as a layer of AWS Lambda."""

load("//rules:providers.bzl", "TargetWheelsInfo")
load(":steps.bzl", "CORE_TYPE", "add_wheels", "run_step")

def _lambda_layer(ctx):
    given = ctx.attr.wheels[TargetWheelsInfo]
    archive = ctx.actions.declare_file(ctx.label.name + ".zip")

    def fill(arguments):
        arguments.add("--target", given.target)
        add_wheels(arguments, given.wheels)
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
    attrs = {
        "limit": attr.int(doc = "How many bytes the layer may have unpacked (default: Lambda's own limit)."),
        "wheels": attr.label(
            doc = "`@HUB//:wheels`, or those of one target, `@HUB//TARGET:wheels`.",
            mandatory = True,
            providers = [TargetWheelsInfo],
        ),
    },
    toolchains = [CORE_TYPE],
)
