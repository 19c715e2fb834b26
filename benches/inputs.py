#!/usr/bin/env python3
"""Writes the texts that benches/compare measures on, made of real news: FOLDER CORPUS.

CORPUS is a text file, or JSON Lines whose records have a "text" (also compressed with zstd).
Everything is drawn with a fixed seed, so the same corpus makes the same texts.

news.txt        the corpus, article after article
long.txt        300 MB of lines of about 700 bytes, one in five of them a repeat
short.txt       100 MB of lines of about 67 bytes, one in five of them a repeat
vocalised.txt   news with a vowel mark on every letter, one in ten a shadda with its vowel
persian.txt     news with every ي, ى and ك typed as Farsi yeh and keheh
forms.txt       news in presentation forms, as text from old PDF files
article.txt     the first 4 KB of it
"""
import json
import random
import subprocess
import sys
import unicodedata

MEGABYTE = 1_000_000


def corpus(path):
    if path.endswith(".zst"):
        unpacked = subprocess.Popen(["zstd", "-dcq", path], stdout=subprocess.PIPE)
        return unpacked.stdout.read().decode()
    return open(path, encoding="utf-8", newline="").read()


def texts(text):
    if not text.startswith("{"):
        return text
    articles = (json.loads(record)["text"] for record in text.split("\n") if record)
    return "".join(article if article.endswith("\n") else article + "\n" for article in articles)


def lines_of(words, length, size, chance):
    """Lines of whole words of about `length` bytes, `size` bytes in all; one in five has been there before."""
    written, recent = 0, []
    while written < size:
        if recent and chance.random() < 0.2:
            line = chance.choice(recent)
        else:
            # A stretch of real text, with a number that tells it from the same stretch drawn again.
            start, line, got = chance.randrange(len(words) - 200), [], 0
            while got < length - 10:
                line.append(words[start])
                got += len(words[start].encode()) + 1
                start += 1
            line = f"{' '.join(line)} {chance.randrange(10**8)}\n".encode()
            recent.append(line)
            if len(recent) > 50_000:
                recent = recent[25_000:]
        written += len(line)
        yield line


def vocalised(text, chance):
    vowels = "\u064e\u064f\u0650\u0652"
    out = []
    for c in text:
        out.append(c)
        if "\u0621" <= c <= "\u064a" and c not in "اىـآ":
            out.append(("\u0651" if chance.random() < 0.1 else "") + chance.choice(vowels))
    return "".join(out)


def forms(text):
    """Every letter as the presentation form that its neighbours call for."""
    shapes = {}
    for code in [*range(0xFE80, 0xFEFD)]:
        kind, *letters = unicodedata.decomposition(chr(code)).split()
        shapes.setdefault("".join(chr(int(letter, 16)) for letter in letters), {})[kind] = chr(code)
    joins = {letter for letter, shape in shapes.items() if "<initial>" in shape}
    out, at = [], 0
    while at < len(text):
        letter = text[at : at + 2] if text[at : at + 2] in shapes else text[at]
        if letter not in shapes:
            out.append(letter)
        else:
            before = at > 0 and text[at - 1] in joins
            after = letter in joins and text[at + len(letter) : at + len(letter) + 1] in shapes
            wanted = {(0, 0): "<isolated>", (0, 1): "<initial>", (1, 0): "<final>", (1, 1): "<medial>"}[before, after]
            out.append(shapes[letter].get(wanted) or shapes[letter]["<isolated>"])
        at += len(letter)
    return "".join(out)


def main():
    folder, source = sys.argv[1:]
    chance = random.Random(1)
    news = texts(corpus(source))

    def write(name, pieces):
        with open(f"{folder}/{name}", "wb") as file:
            file.writelines(pieces)

    write("news.txt", [news.encode()])
    words = news.split()
    write("long.txt", lines_of(words, 709, 300 * MEGABYTE, chance))
    write("short.txt", lines_of(words, 67, 100 * MEGABYTE, chance))
    part = news[: 20 * MEGABYTE]
    write("vocalised.txt", [vocalised(part, chance).encode()])
    persian = str.maketrans("يىك", "ییک")
    write("persian.txt", [news.translate(persian).encode()])
    write("forms.txt", [forms(part).encode()])
    write("article.txt", [news.encode()[:4096].decode(errors="ignore").encode()])


main()
