"""`POST /v1/records` end to end against the endpoint one would write first: FastAPI, PyJWT, a commit for each record.

Run: python -m tests.bench.bench_http [--records N] [--runs N]. Prints medians and ratios, measured in turn in one run.

Both servers run in a process of their own under uvicorn with one worker and PostgreSQL with durable commits; the same client
sends over the same number of kept-alive connections, one request at a time on each. What ours does more: strict canonical
parse, selective disclosures, accreditation, sealing, uniqueness, Merkle log, signed checkpoint and a receipt in the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import jwt
import psycopg
from fastapi import FastAPI, HTTPException, Request
from psycopg_pool import ConnectionPool

from keys.algorithms import algorithm
from tests.bench.bench_append import receipt_id
from tests.bench.records import BenchLedger, bench_ledger

CONNECTIONS = 64
START_SECONDS_MAX = 60
ROLE = "SKILL_LEDGER_BENCH_ROLE"


def plain_app(database: str, public_hex: str) -> FastAPI:
    """The comparison: verifies a JWT and inserts it, one commit a request, in FastAPI's thread pool."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_hex))
    pool = ConnectionPool(database, min_size=16, max_size=40, open=True)
    app = FastAPI()

    @app.post("/v1/records", status_code=201)
    def submit(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        try:
            claims = jwt.decode(body["token"], key, algorithms=["EdDSA"], options={"verify_aud": False})
        except jwt.InvalidTokenError as refused:
            raise HTTPException(400) from refused
        with pool.connection() as connection:
            row = connection.execute(
                "INSERT INTO plain (jti, token) VALUES (%s, %s) RETURNING id", (claims["jti"], body["token"])
            ).fetchone()
        return {"id": row[0] if row else None}

    return app


async def _send_all(port: int, bodies: Sequence[bytes], media_type: str) -> list[int]:
    todo = iter(bodies)
    statuses: list[int] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for body in todo:
            head = (
                f"POST /v1/records HTTP/1.1\r\nHost: bench\r\nContent-Type: {media_type}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            statuses.append(int(answer[9:12]))
            length = next(
                int(line.split(b":")[1]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length")
            )
            await reader.readexactly(length)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return statuses


def rate(port: int, bodies: Sequence[bytes], media_type: str) -> float:
    """Records a second over 64 connections; every answer must be 201."""
    began = time.perf_counter()
    statuses = asyncio.run(_send_all(port, bodies, media_type))
    took = time.perf_counter() - began
    if set(statuses) != {201}:
        raise AssertionError(f"expected 201 for every record, found {sorted(set(statuses))}")
    return len(bodies) / took


@contextmanager
def server(role: str, *arguments: str, environ: dict[str, str], port: int) -> Iterator[int]:
    """One of the two servers in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bench_http", *arguments, "--port", str(port)],
        env={**os.environ, **environ, ROLE: role},
    )
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                httpx.get(f"http://127.0.0.1:{port}/livez")
                break
            except httpx.TransportError:
                if process.poll() is not None:
                    raise
        yield port
    finally:
        process.terminate()
        process.wait()


def run_server(role: str, arguments: Sequence[str], port: int) -> None:
    """The server process."""
    if role == "ours":
        from api.wiring import serve

        serve(arguments[0], port=port)
        return
    import uvicorn

    uvicorn.run(plain_app(arguments[0], arguments[1]), port=port, log_level="warning", access_log=False)


def plain_tokens(count: int, private: Any, padding: str) -> list[bytes]:
    """JSON bodies with signed JWTs of about 1 KB."""
    now = int(time.time())
    return [
        b'{"token":"%s"}'
        % jwt.encode({"jti": f"{now}-{n}-{os.urandom(8).hex()}", "p": padding}, private, "EdDSA").encode()
        for n in range(count)
    ]


def measure(bench: BenchLedger, records: int, runs: int) -> dict[str, list[float]]:
    """Records a second of both servers, in turn."""
    if bench.cluster is None:
        raise AssertionError("this bench needs PostgreSQL")
    rates: dict[str, list[float]] = {"plain": [], "ours": []}
    implementation = algorithm("Ed25519")
    private: Any = implementation.generate()
    public = implementation.public_bytes(private).hex()
    with bench.cluster.fresh_database() as database:
        with psycopg.connect(database.owner_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE plain (id bigserial PRIMARY KEY, jti text UNIQUE, token text)")
        plain = server("plain", database.owner_url, public, environ={}, port=18_091)
        ours = server("ours", bench.url, environ=bench.environ, port=18_092)
        with plain as plain_port, ours as our_port:
            for _ in range(runs):
                tokens = plain_tokens(records, private, "x" * 600)
                rates["plain"].append(rate(plain_port, tokens, "application/json"))
                targets = [receipt_id(one) for one in bench.ledger.submit_many(bench.envelopes(records))]
                rates["ours"].append(rate(our_port, bench.suspensions(targets), "application/sd-jwt"))
    return rates


def main() -> None:
    """Measures and prints the table, or serves when asked to by the parent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", nargs="*")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--records", type=int, default=3_000)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    if chosen.server:
        run_server(os.environ[ROLE], chosen.server, chosen.port)
        return
    with bench_ledger("postgresql") as bench:
        rates = measure(bench, chosen.records, chosen.runs)
    ratios = sorted(ours / plain for ours, plain in zip(rates["ours"], rates["plain"], strict=True))
    print("| endpoint | records/s (median) | ratio to plain, min - median - max |\n|---|---|---|")
    print(f"| FastAPI + PyJWT + commit each | {statistics.median(rates['plain']):,.0f} | 1.00 |")
    print(
        f"| POST /v1/records | {statistics.median(rates['ours']):,.0f} "
        f"| {ratios[0]:.2f} - {statistics.median(ratios):.2f} - {ratios[-1]:.2f} |"
    )


if __name__ == "__main__":
    main()
