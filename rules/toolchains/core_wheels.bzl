"""The libraries that the core's steps import, as wheels pinned by hash.

Of the core's dependencies (pyproject.toml) a step needs these three: it fetches nothing (urllib3), resolves nothing (uv)
and keeps no cache (platformdirs). tests/starlark compares the versions with requirements/development.txt.
"""

#: Where the index keeps files: below this, under the BLAKE2b-256 digest of each.
FILES = "https://files.pythonhosted.org/packages"

def _wheel(filename, *, sha256, blake2b):
    return struct(
        filename = filename,
        sha256 = sha256,
        url = "/".join([FILES, blake2b[:2], blake2b[2:4], blake2b[4:], filename]),
    )

#: Wheels for every machine, by the project's name.
PURE = {
    "packaging": _wheel(
        "packaging-26.3-py3-none-any.whl",
        sha256 = "d7193f7c8e4e93f444fde0262bf90af30e16fa0ad0ad44cb553c87339b23cd1c",
        blake2b = "6334ba1c580383c9eada3711951fef0795c80b829a078d72188184bcab9dd527",
    ),
    "tomli": _wheel(
        "tomli-2.5.0-py3-none-any.whl",
        sha256 = "32a7b79ac57a2e83670ce329ccf675798bc5a2094783a63676866b70503f2e2b",
        blake2b = "603f3e3f8fd0919249b0200c80fbc4f9a1e70be19f9883da71dfb7f8b9ab8aca",
    ),
}

#: deflate, which compresses wheels and so decides their bytes, by kind of machine.
DEFLATE = {
    "linux_aarch64_glibc": _wheel(
        "deflate-0.9.0-cp311-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl",
        sha256 = "64fc41f323ea4da8cbc6a9f6c7d369a5f0b6310ed2d02ce084c8718a9b78b2e9",
        blake2b = "4f869d5dc8d0d3150111b0fb2d533a0fd221dc7338f93a46357a998f5df33ffa",
    ),
    "linux_aarch64_musl": _wheel(
        "deflate-0.9.0-cp311-abi3-musllinux_1_2_aarch64.whl",
        sha256 = "7ca51340a906517f2bd7485fd1d2ba65c116a44793c0a1be1a38f50412a47c75",
        blake2b = "7b970cc1af29c22aa3221045e10baa5583d80ccb3c31023fdb4b717c6a60df48",
    ),
    "linux_x86_64_glibc": _wheel(
        "deflate-0.9.0-cp311-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl",
        sha256 = "cfca14731727716ca0a112e26911a5a94998d31bb04eb5cc4bc268a5a308ba8a",
        blake2b = "d05e315011fbd60c83f064586aae3bd5388204401252c2c26e9cb219cef001e4",
    ),
    "linux_x86_64_musl": _wheel(
        "deflate-0.9.0-cp311-abi3-musllinux_1_2_x86_64.whl",
        sha256 = "03898c0c095d463b3a52900af5b68cb5a5f19ef01d7a3657c425c3be73e1ca52",
        blake2b = "3ae80b595dc7f0f866aed01ca68f1f16c4e7391974bfecef0f23828a24ab22f5",
    ),
    "macos_aarch64": _wheel(
        "deflate-0.9.0-cp311-abi3-macosx_11_0_arm64.whl",
        sha256 = "a4c94e56146514f49aa36094eb2563ebde843e12e157f9226b11dd805cab6b86",
        blake2b = "8d72927b0fe00bf6117aa53f0b0e6c363d220b0ff9440afb769b54c563143222",
    ),
    "macos_x86_64": _wheel(
        "deflate-0.9.0-cp311-abi3-macosx_10_9_x86_64.whl",
        sha256 = "d65383813faaf26aba2c5673aea7119c21c5c7b022a471028b0657d61bb39913",
        blake2b = "5a414b4d9045577df904d5e51bee6cc7a82bb51e6d159adf683e04d2bce52436",
    ),
}
