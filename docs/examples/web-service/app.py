"""A small web service that leans on every package crosswheel had to build for it, and on some it had not."""

from __future__ import annotations

import asyncio
import io
import os

import argon2
import crcmod.predefined
import kiwisolver
import numpy
import orjson
import pandas
import pycosat
import sqlalchemy
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response
from frozenlist import FrozenList
from jinja2 import Environment
from PIL import Image
from pydantic import BaseModel
from pypika import Query, Table

app = FastAPI(title="web-service")
engine = sqlalchemy.create_engine(
    "sqlite://", poolclass=sqlalchemy.pool.StaticPool, connect_args={"check_same_thread": False}
)
orders = pandas.DataFrame({"region": ["north", "south", "north", "west"], "amount": [12.5, 7.0, 30.0, 4.5]})
orders.to_sql("orders", engine, index=False)
page = Environment(autoescape=True).from_string("<h1>Hello, {{ name }}</h1>")
hasher = argon2.PasswordHasher(time_cost=1, memory_cost=1024)


class Clauses(BaseModel):
    """A formula in conjunctive normal form."""

    clauses: list[list[int]]


@app.get("/hello/{name}", response_class=HTMLResponse)
def hello(name: str) -> str:
    """Greet by name, escaped by MarkupSafe's extension module."""
    return page.render(name=name)


@app.get("/orders")
def totals() -> dict[str, float]:
    """Total per region: PyPika writes the query, SQLAlchemy runs it, pandas sums it up."""
    table = Table("orders")
    query = Query.from_(table).select(table.region, table.amount)
    with engine.connect() as connection:
        rows = pandas.read_sql(sqlalchemy.text(str(query)), connection)
    return {str(region): float(total) for region, total in rows.groupby("region")["amount"].sum().items()}


@app.post("/solve")
def solve(formula: Clauses) -> list[int]:
    """Return a satisfying assignment, found by picosat in C."""
    answer = pycosat.solve(formula.clauses)
    if isinstance(answer, str):
        raise HTTPException(status_code=422, detail=answer)
    return list(answer)


@app.get("/layout")
def layout(width: float) -> dict[str, float]:
    """Split a width into a side bar a third as wide as the text: a Cassowary solver in C++."""
    side, text = kiwisolver.Variable("side"), kiwisolver.Variable("text")
    solver = kiwisolver.Solver()
    for constraint in (side + text == width, text == 3 * side):
        solver.addConstraint(constraint)
    solver.updateVariables()
    return {"side": side.value(), "text": text.value()}


@app.get("/password/{secret}")
def password(secret: str) -> dict[str, bool]:
    """Hash a password and check it."""
    return {"verified": hasher.verify(hasher.hash(secret), secret)}


@app.get("/checksum/{text}")
def checksum(text: str) -> dict[str, str]:
    """CRC-32C of a text."""
    return {"crc32c": f"{crcmod.predefined.mkCrcFun('crc-32c')(text.encode()):08x}"}


@app.get("/gradient.png")
def gradient() -> Response:
    """Draw a picture with numpy and Pillow."""
    buffer = io.BytesIO()
    Image.fromarray(numpy.tile(numpy.arange(256, dtype=numpy.uint8), (16, 1))).save(buffer, "PNG")
    return Response(buffer.getvalue(), media_type="image/png")


@app.get("/platform")
async def platform() -> Response:
    """Say where this runs, and on which event loop."""
    frozen: FrozenList[str] = FrozenList([os.uname().machine])
    frozen.freeze()
    facts = {"machine": frozen[0], "loop": type(asyncio.get_running_loop()).__module__}
    return Response(orjson.dumps(facts), media_type="application/json")
