#!/usr/bin/env python3
"""Makes seeds/ anew from ../fixtures: small inputs for each target to start from. Needs pyarrow."""

import bz2
import csv
import gzip
import io
import json
import lzma
import pathlib
import re
import shutil

import pyarrow
import pyarrow.parquet

HERE = pathlib.Path(__file__).parent
FIXTURES = HERE.parent / "fixtures"
SEEDS = HERE / "seeds"
# No text is longer: short inputs are mutated better.
MOST = 2500


def texts():
    """Articles and cases, by name."""
    for path in sorted(FIXTURES.glob("articles/*.txt")) + sorted(FIXTURES.glob("variants/*.txt")):
        yield path.stem[:24], path.read_bytes()
    for path in sorted(FIXTURES.glob("cases/*/input*.txt")):
        yield path.parent.name[:2] + path.stem[5:], path.read_bytes()


def utf8(text):
    return text[:MOST].decode("utf-8", "ignore").encode()


def seed(target, name, content):
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def choices(*numbers):
    return bytes(numbers)


def damage(number):
    """How a packed file is damaged, in 24 bytes; every fifth is not."""
    bytes_of = [number % 5, 0, *(number * factor % 256 for factor in (1, 37)), number % 8, 255]
    return choices(*bytes_of, *(0 for _ in range(24 - len(bytes_of))))


def tables():
    """Small Parquet files, as different as pyarrow makes them."""
    rows = [json.loads(line) for line in (FIXTURES / "formats/articles.jsonl").read_bytes().splitlines()]
    field = next(name for name in ("text", "content", "body") if name in rows[0])
    long = [line for row in rows if isinstance(row[field], str) for line in row[field].splitlines() if len(line) > 60]
    one = "\n".join([long[0], "نعم", long[0]])
    plain = pyarrow.table({"id": [f"a{n}" for n in range(4)], "text": [one, None, "نعم", long[0]], "n": list(range(4))})
    lists = pyarrow.table({"text": [[long[0], None, long[0]], [], None, [one]], "id": [1, 2, 3, 4]})
    small = {"write_statistics": False, "store_schema": False}
    for codec in ("none", "snappy", "gzip", "zstd", "brotli", "lz4"):
        yield codec, plain, {"compression": codec, **small}
    yield "plain", plain, {"compression": "none", "use_dictionary": False, **small}
    yield "pages2", plain, {"compression": "none", "data_page_version": "2.0", "use_dictionary": False, **small}
    for encoding in ("DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"):
        options = {"use_dictionary": False, "column_encoding": {"text": encoding}, "compression": "none", **small}
        yield encoding.lower(), plain, options
    yield "groups", plain, {"compression": "none", "row_group_size": 2, **small}
    yield "checked", plain, {"compression": "none", "write_page_checksum": True, "write_page_index": True}
    yield "lists", lists, {"compression": "none", **small}
    yield "lists2", lists, {"compression": "snappy", "data_page_version": "2.0", **small}


def main():
    shutil.rmtree(SEEDS, ignore_errors=True)
    for number, (name, text) in enumerate(texts()):
        text = utf8(text)
        level, unit, words = number % 4, number % 2, 9
        options = choices(level, unit, words)
        seed("cleaning_removes_whole_units", name, options + choices(64, 0) + text)
        seed("patch_makes_what_clean_writes", name, options + choices(number % 5, 0) + text)
        seed("restore_undoes_clean", name, options + choices(4, *range(8), 0) + text)
        lines = text.splitlines(keepends=True)
        split = b"".join(lines[: len(lines) // 2]) + b"\0" + b"".join(lines[len(lines) // 2 :])
        seed("corpus_is_one_however_it_is_read", name, options + choices(40, number, 0) + split + b"\0" + lines[0])
        seed("fast_fold_is_plain_fold", name, text)
        seed("nfc_folds_as_nfd", name, text)
        seed("near_is_near_both_ways", name, b"\0\0" + text)
        seed("repaired_text_folds_as_before", name, choices(15, number % 3) + text)
        seed("damaged_packing_is_refused", f"{name}-{number % 4}", choices(number % 4 + 8 * (number % 30)) + damage(number) + text[:600])
        legacy = text.decode("utf-8", "ignore").encode("cp1256", "ignore")
        seed("decoded_text_keeps_its_bytes", f"{name}-1256", options + choices(1, 9, 0, 0) + legacy)
        seed("decoded_text_keeps_its_bytes", f"{name}-utf16", options + choices(4, 9, 4 + number % 2, 0) + text)
    for name in ("pairs.tsv", "pairs-more.tsv"):
        rows = (FIXTURES / "folding" / name).read_text().splitlines()
        rows = [row for row in rows if not row.startswith(("#", "id\t"))]
        pairs = [unescaped(cell) for row in rows for cell in row.split("\t")[1:3]]
        for at in range(0, len(pairs), 40):
            part = "\n".join(pairs[at : at + 40]).encode("utf-8", "ignore")
            seed("fast_fold_is_plain_fold", f"{name[:-4]}-{at}", part)
            seed("nfc_folds_as_nfd", f"{name[:-4]}-{at}", part)
    rows = [row.split("\t")[2] for row in (FIXTURES / "repair/pairs.tsv").read_text().splitlines()[1:]]
    rows = [re.sub(r"\\u\{([0-9A-F]+)\}", lambda code: chr(int(code[1], 16)), row) for row in rows]
    for at in range(0, len(rows), 30):
        seed("repaired_text_folds_as_before", f"pairs-{at}", choices(15, at // 30) + "\n\n".join(rows[at : at + 30]).encode())
    records()
    lists()
    for name, table, options in tables():
        out = io.BytesIO()
        pyarrow.parquet.write_table(table, out, **options)
        seed("damaged_parquet_is_refused", name, out.getvalue())
    for path in FIXTURES.glob("formats/damaged/*.parquet"):
        seed("damaged_parquet_is_refused", path.stem, path.read_bytes())
    packings()
    for choice in range(24):
        numbers = choices(choice, 1 + choice % 2, choice * 37 % 256, choice * 91 % 256, choice * 53 % 256, choice % 8, 255)
        seed("damaged_index_is_refused", f"{choice}", numbers * 2)
    # Bytes with which an index of format 1 told of a window more than it had.
    seed("damaged_index_is_refused", "a-window-more", bytes.fromhex("1102750b8501ff1102750b8501ff"))
    options_files()


def unescaped(cell):
    """The escapes of the pair files."""
    names = {"n": "\n", "r": "\r", "t": "\t"}
    found = lambda m: names.get(m[1]) or chr(int(m[1][1:], 16))
    return re.sub(r"\\([nrt]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})", found, cell).replace("\n", " ")


def records():
    formats = {".jsonl": 0, ".json": 1, ".csv": 2, ".tsv": 3}
    paths = sorted(FIXTURES.glob("cases/*/input*.*")) + sorted(FIXTURES.glob("formats/articles.*"))
    for path in paths:
        if path.suffix not in formats or path.stat().st_size > 20_000:
            continue
        content = path.read_bytes()
        if path.parent.name == "formats":
            content = shortened(path)
        name = f"{path.parent.name[:2]}{path.suffix}"
        number = formats[path.suffix]
        seed("records_lose_text_alone", name, choices(number, 200, 9, 0) + content)
        if number < 3:
            seed("restore_undoes_clean", name, choices(1, 0, 9, number, *range(8), 0) + content)


def lists():
    """Documents with lists of units, in each form that such a list can have."""
    version = "rules 1, typography, unit line, min-words 10"
    records = [json.loads(line) for line in (FIXTURES / "formats" / "articles.jsonl").read_text().splitlines()[:2]]
    records = [{"id": record["id"], "text": record["text"][:300] + "\n" + record["text"][:300]} for record in records]
    records += [{"id": 7, "text": "نعم\n* * *\nلا"}, {"id": "ب", "text": ["واحد", "اثنان"]}, {"id": 0, "text": None}]
    for number, units in enumerate(([], [0], [[0, 1]], [1, [0, 1], 0])):
        lines = []
        for record in records:
            named = {"version": version, "units": units if record["text"] else []}
            first = {"drop": named, **record} if number % 2 else {**record, "drop": named}
            lines.append(json.dumps(first, ensure_ascii=number > 1))
        seed("listed_units_alone_go", str(number), "\n".join(lines).encode())
    seed("listed_units_alone_go", "keys", "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode())


def shortened(path):
    """Two records, with the text of each twice."""
    if path.suffix == ".jsonl":
        return b"".join(path.read_bytes().splitlines(keepends=True)[:2])[:MOST]
    if path.suffix == ".json":
        found = json.loads(path.read_bytes())
        return json.dumps(found[:2], ensure_ascii=False)[:1800].encode()
    delimiter = "," if path.suffix == ".csv" else "\t"
    rows = list(csv.reader(io.StringIO(path.read_text(), newline=""), delimiter=delimiter))[:3]
    rows = [[cell[:500] + "\n" + cell[:500] if len(cell) > 200 else cell for cell in row] for row in rows]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def packings():
    text = (FIXTURES / "cases/13-terminal-marks-not-ascii/input.txt").read_bytes()
    packed = {
        0: gzip.compress(text, mtime=0) + gzip.compress(text[:40], mtime=0),
        1: pyarrow.compress(text, codec="zstd", asbytes=True),
        2: bz2.compress(text),
        3: lzma.compress(text, check=lzma.CHECK_CRC32) + lzma.compress(text[:40]),
    }
    for number, content in packed.items():
        seed("damaged_packing_is_refused", f"raw-{number}", choices(number + 4) + content)
    frames = (FIXTURES / "cases/59-zstd-several-frames-and-skippable/input.jsonl.zst").read_bytes()
    seed("damaged_packing_is_refused", "raw-frames", choices(5) + frames)


def options_files():
    files = [
        'level = "loose"\nmin-words = 8\nkeep = ["^قال", "\\\\*"]\nquiet = true\n',
        'fold = ["+digits,-quotes"]\nencoding = "utf-8,windows-1256"\nexclude = ["poems/**", "[٠-٩]?.txt"]\n'
        '[[override]]\npaths = ["a/*.txt"]\nunit = "paragraph"\n',
        "unit = 'line'\nscope = \"corpus\"\nmemory = \"64M\"\nformat = 'csv'\ntext-field = \"\"\"x\n\"\"\"\ndelimiter = ';'\n",
        'levle = "exact"\n', "\ufefflevel = 3\n", "[override]\npaths = []\n", "level = \"ex\\u0061ct\"\nlevel = 1\n",
    ]
    for number, text in enumerate(files):
        seed("options_file_tells_where", str(number), text.encode())
    head = '{"tikrar_baseline":1,"keys":"rules 1, level typography, unit line, min-words 10","overrides":[]}\n'
    line = '{"fingerprint":"%032x","count":%d,"file":"أ.txt","excerpt":"قال الوزير"}\n'
    for number, text in enumerate([head + line % (7, 2) + line % (9, 1), head, head + "<<<<<<< a\n", line % (1, 1)]):
        seed("baseline_tells_where", str(number), text.encode())


if __name__ == "__main__":
    main()
