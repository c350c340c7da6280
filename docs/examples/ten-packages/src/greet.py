"""Uses what is installed: `python -m greet NAME`."""

from __future__ import annotations

import platform

import argon2
import click
import crcmod.predefined
import frozenlist
import jinja2
import msgpack

_TEMPLATE = jinja2.Template(
    "Hello, {{ name }}, from {{ machine }}! {{ checksum }} {{ length }}", autoescape=True
)


@click.command()
@click.argument("name", default="world")
def greet(name: str) -> None:
    """Greet NAME, with a checksum that crcmod's extension computes."""
    packed = frozenlist.FrozenList(msgpack.packb({"name": name}))
    argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(name)
    checksum = crcmod.predefined.mkCrcFun("crc-32c")(bytes(packed))
    machine = platform.machine()
    click.echo(_TEMPLATE.render(name=name, machine=machine, checksum=f"{checksum:08x}", length=len(packed)))


if __name__ == "__main__":
    greet()
