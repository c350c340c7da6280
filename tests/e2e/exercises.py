"""What each package has to do in the target Python to count as working; every exercise prints ``works``.

Importing proves little: markupsafe, frozenlist and crcmod fall back to pure Python in silence when their extension is
missing, so each exercise makes sure that it is the extension that answers.
"""

from __future__ import annotations

__all__ = ["EXERCISES"]

EXERCISES = {
    "argon2-cffi-bindings": """
# The test vector is argon2's own (its src/test.c).
from _argon2_cffi_bindings import ffi, lib
out = ffi.new("uint8_t[]", 32)
status = lib.argon2_hash(2, 256, 1, b"password", 8, b"somesalt", 8, out, 32, ffi.NULL, 0, lib.Argon2_i, 0x13)
assert status == lib.ARGON2_OK
assert bytes(out).hex() == "89e9029f4637b295beb027056a7336c414fadd43f6b208645281cb214a56452f"
""",
    "crcmod": """
# The check value of CRC-32C is its catalogue's: the checksum of "123456789".
import sys, crcmod.predefined, crcmod._crcfunext
assert sys.modules["crcmod.crcmod"]._usingExtension
assert crcmod.predefined.mkCrcFun("crc-32c")(b"123456789") == 0xE3069283
assert crcmod.predefined.mkCrcFun("crc-64")(b"123456789") == 0x46A5A9388A5BEFFE
assert crcmod.predefined.mkCrcFun("crc-8")(b"123456789") == 0xF4
""",
    "frozenlist": """
from frozenlist import FrozenList, PyFrozenList
assert FrozenList is not PyFrozenList and FrozenList.__module__ == "frozenlist._frozenlist"
items = FrozenList([1, 2])
items.append(3)
items.freeze()
try:
    items.append(4)
except RuntimeError:
    pass
else:
    raise AssertionError("a frozen list took an item")
assert list(items) == [1, 2, 3] and hash(items) == hash((1, 2, 3)) and FrozenList([1]) < FrozenList([2])
""",
    "kiwisolver": """
import kiwisolver
from kiwisolver import Solver, Variable, UnsatisfiableConstraint
left, width, right = Variable("left"), Variable("width"), Variable("right")
solver = Solver()
for constraint in (left + width == right, width == 40.0, (left == 10) | "strong"):
    solver.addConstraint(constraint)
solver.updateVariables()
assert (left.value(), width.value(), right.value()) == (10.0, 40.0, 50.0)
try:
    # A C++ exception thrown through the extension, turned into Python's.
    solver.addConstraint((width == 41.0) | "required")
except UnsatisfiableConstraint:
    pass
else:
    raise AssertionError("an impossible constraint was taken")
""",
    "markupsafe": """
import markupsafe
from markupsafe import Markup, _speedups, escape
assert markupsafe._escape_inner is _speedups._escape_inner
assert escape("<a href='\\u00e9\\U0001f600'>&\\"") == "&lt;a href=&#39;\\u00e9\\U0001f600&#39;&gt;&amp;&#34;"
assert escape("plain") == "plain" and Markup("%s") % "<" == "&lt;"
""",
    "pdpyras": """
import warnings
warnings.simplefilter("ignore")
import pdpyras
base = "https://api.pagerduty.com"
assert pdpyras.canonical_path(base, base + "/services/PABC/audit/records") == "/services/{id}/audit/records"
""",
    "pycosat": """
import pycosat
assert pycosat.solve([[1, -5, 4], [-1, 5, 3, 4], [-3, -4]]) == [1, -2, -3, -4, 5]
assert len(list(pycosat.itersolve([[1, 2, 3]]))) == 7
assert pycosat.solve([[1], [-1]]) == "UNSAT"
""",
    "pypika": """
from pypika import Query, Table
table = Table("orders")
query = Query.from_(table).select(table.region).where(table.amount > 5).orderby(table.region)
assert str(query) == 'SELECT "region" FROM "orders" WHERE "amount">5 ORDER BY "region"'
""",
    "uvloop": """
import asyncio, uvloop

async def serve(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain()
    writer.close()

async def main():
    assert type(asyncio.get_running_loop()).__module__ == "uvloop"
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"over the loop\\n")
    assert await reader.readline() == b"OVER THE LOOP\\n"
    writer.close()
    server.close()
    await asyncio.sleep(0.01)

uvloop.run(main())
""",
}
