#!/usr/bin/env python3
"""Measures `--near` beside datasketch and rensa, on the same words of the same lines, in one sitting.

    benches/near.py CORPUS.jsonl [LINES]     LINES: how many lines the other two take, of at least ten words (50,000)

Needs Linux, target/release/tikrar, and `pip install datasketch rensa`. tikrar reads, folds, decides and writes the corpus; the
others get the words of its lines, folded by tikrar before, and only say which lines are candidates: each line is looked up among
those before it and then added, with 128 permutations, at the Jaccard index of words that an alignment of 0.9 means at least,
0.818. Their bytes are those of the folded lines.
"""
import os
import subprocess
import sys
import time

from datasketch import MinHash, MinHashLSH
from rensa import RMinHash, RMinHashLSH

corpus, most = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50_000
tikrar = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "target/release/tikrar")
JACCARD = 0.9 / (2 - 0.9)


def timed(what, run, size):
    best = min(run() for _ in range(3)) if size is None else run()
    size = size or os.path.getsize(corpus)
    print(f"{what}: {best:.2f} s, {size / best / 1e6:.1f} MB/s", flush=True)


def clean(*options):
    def run():
        start = time.perf_counter()
        subprocess.run([tikrar, "clean", "-q", *options, corpus], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start
    return run


for scope in ("document", "corpus"):
    for near in ([], ["--near", "0.9"], ["--near", "0.9", "--unguarded"]):
        timed(f"tikrar --scope {scope} {' '.join(near)}", clean("--scope", scope, *near), None)

folded = subprocess.run([tikrar, "fold", "-q", "--level", "orthography", corpus], stdout=subprocess.PIPE, check=True).stdout
lines = []
for line in folded.decode("utf-8", "replace").split("\n"):
    words = line.split()
    if len(words) >= 10:
        lines.append(words)
        if len(lines) == most:
            break
size = sum(len(" ".join(words).encode()) + 1 for words in lines)
print(f"{len(lines)} lines, {size / 1e6:.1f} MB")


def with_datasketch():
    start, found = time.perf_counter(), 0
    index = MinHashLSH(threshold=JACCARD, num_perm=128)
    for at, words in enumerate(lines):
        minhash = MinHash(num_perm=128)
        minhash.update_batch([word.encode() for word in words])
        found += bool(index.query(minhash))
        index.insert(at, minhash)
    print(f"    {found} lines with candidates")
    return time.perf_counter() - start


def with_rensa():
    start, found = time.perf_counter(), 0
    index = RMinHashLSH(threshold=JACCARD, num_perm=128, num_bands=16)
    for at, words in enumerate(lines):
        minhash = RMinHash(num_perm=128, seed=42)
        minhash.update(words)
        found += bool(index.query(minhash))
        index.insert(at, minhash)
    print(f"    {found} lines with candidates")
    return time.perf_counter() - start


timed("datasketch", with_datasketch, size)
timed("rensa", with_rensa, size)
