"""The rule `native_libraries`: libraries that other rules make, as a build of a wheel takes them."""

load("//rules:providers.bzl", "NativeLibrariesInfo")
load(":any_platform.bzl", "PLATFORM_ATTRIBUTE", "TRANSITION_ATTRIBUTE", "named_platform")
load(":library_places.bzl", "header_place", "library_place")
load(":messages.bzl", "refusal")
load(":user_files.bzl", "paths_in_package", "placed")

def _headers(context):
    named = context.includes.to_list() + context.system_includes.to_list()
    roots = context.quote_includes.to_list()
    return {header: header_place(header.path, named, roots) for header in context.headers.to_list()}

def _linked(context):
    """Returns what a shared library is linked with: archives of position-independent code where there are any."""
    found = {}
    for group in context.linker_inputs.to_list():
        for one in group.libraries:
            file = one.pic_static_library or one.static_library or one.resolved_symlink_dynamic_library or one.dynamic_library
            if file:
                found[file] = library_place(file.basename)
    return found

def native_libraries_rule(cc_info):
    """Makes the rule `native_libraries`.

    Args:
        cc_info: the provider `CcInfo`, or None where there is none.

    Returns:
        rule.
    """

    def implementation(ctx):
        places_of_all = []
        for dep in ctx.attr.deps:
            name = dep.label.name.rpartition("/")[2]
            if cc_info and cc_info in dep:
                places = _headers(dep[cc_info].compilation_context)
                places.update(_linked(dep[cc_info].linking_context))
                found = [placed(place, file) for file, place in places.items()]
            else:
                found = paths_in_package([dep])
            if not found:
                fail(refusal("use native library", str(dep.label), "it has no files", "name a C++ library, or a filegroup with include/ and lib/ in its package"))
            places_of_all += [placed("%s/%s" % (name, one.path), one.file) for one in found]
        return [
            DefaultInfo(files = depset([one.file for one in places_of_all])),
            NativeLibrariesInfo(files = places_of_all),
        ]

    return rule(
        implementation = implementation,
        doc = "Libraries of a target, compiled for its platform by other rules.",
        cfg = named_platform,
        attrs = TRANSITION_ATTRIBUTE | PLATFORM_ATTRIBUTE | {
            "deps": attr.label_list(
                doc = "C++ libraries, or files whose package is the folder with `include` and `lib`.",
                allow_files = True,
                mandatory = True,
            ),
        },
    )
