"""Removes repeated paragraphs from a corpus with Apache Spark: `tikrar keys` and `tikrar drop` read the texts, Spark groups the keys.

    spark-submit tikrar_spark.py [OPTIONS] INPUT... OUTPUT          README.md beside this file says more
"""
import argparse, json, shlex, sys

from pyspark import StorageLevel
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession, functions as F
from pyspark.sql.types import StringType, StructField, StructType

ROW = "k string, id string, a long, b long, end boolean, docs long, rows long, version string"
END_OF_DROP = r'^\{"end":true,"docs":(\d+),"units":\d+,"version":"[^"]*"\}$'
STRICT = {"mode": "FAILFAST"}  # what does not parse would be null otherwise, and a text that is null is lost


def require(holds, otherwise):
    if not holds:
        sys.exit(f"tikrar_spark: {otherwise}: nothing is written")


def is_there(spark, path):
    try:
        return bool(spark.read.format("binaryFile").load(path))
    except AnalysisException:
        return False


def pipe(lines, command):
    """The lines that the command writes. It has no environment but this, so that it is the same on every node."""
    path = {"PATH": ".:/usr/local/bin:/usr/bin:/bin"}  # spark-submit --files puts the program into the working folder
    return lines.rdd.map(lambda row: row[0]).pipe(shlex.join(command), path, checkCode=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("input", nargs="+", help="files, folders or patterns")
    parser.add_argument("output", help="a folder that is not there yet")
    parser.add_argument("--format", choices=["jsonl", "parquet"], default="jsonl", help="of input and output")
    parser.add_argument("--compression", help="of the output, such as gzip or zstd")
    parser.add_argument("--partitions", type=int, help="divide the input anew: a gzip file is one partition otherwise")
    parser.add_argument("--tikrar", default="tikrar", help="the program: a name, or its path on every node")
    parser.add_argument("--keep", action="append", default=[], metavar="REGEX", help="as in `tikrar drop`")
    for name in ("level", "fold", "unit", "min-words", "text-field", "id-field"):
        parser.add_argument(f"--{name}", default={"text-field": "text", "id-field": "id"}.get(name), help="as in `tikrar keys`")
    given = parser.parse_args(arguments)
    id_field, text_field = given.id_field, given.text_field
    shared = [f"--{name.replace('_', '-')}={value}" for name, value in vars(given).items() if value is not None
              and name in ("level", "fold", "unit", "min_words", "text_field", "id_field")]
    spark = SparkSession.builder.appName("tikrar").config("spark.sql.caseSensitive", "true").getOrCreate()
    require(not is_there(spark, given.output), f"{given.output} is there already")

    # Documents: an id, and a line of JSON for the program.
    if given.format == "parquet":
        table = spark.read.parquet(*given.input)
        of_table = lambda name: table[f"`{name}`"]
        key = of_table(id_field).cast("string")
        documents = table.select(key.alias("id"), F.to_json(F.struct(key.alias(id_field), of_table(text_field))).alias("line"))
    else:
        # Lines end at LF alone, since JSON may have U+2028 in it and a CR has to stay. Python can't hand on what is not UTF-8.
        text = spark.read.text(given.input, lineSep="\n").where(r"value rlike '[^ \\t\\r]'").select("value")
        valid = F.encode("value", "UTF-8") == F.col("value").cast("binary")
        line = F.when(valid, F.col("value")).otherwise(F.raise_error(F.concat(F.lit("a line is not UTF-8: "), "value")))
        id = F.from_json("value", StructType([StructField(id_field, StringType())]))[id_field]
        documents = text.select(id.alias("id"), line.alias("line"))
    if given.partitions:
        documents = documents.repartition(given.partitions)

    # A row for each window. They are used three times, so they are kept, or the program would run as often.
    keys = pipe(documents.select("line"), [given.tikrar, "keys", *shared])
    rows = spark.read.json(keys, schema=ROW).withColumn("k", F.unhex("k")).persist(StorageLevel.DISK_ONLY)
    whole = F.col("k").isNotNull() & F.col("id").isNotNull() & F.col("a").isNotNull() & F.col("b").isNotNull()
    told = rows.agg(F.sum("docs").alias("docs"), F.sum("rows").alias("rows"), F.count(F.when(whole, 1)).alias("found"),
                    F.count("end").alias("ends"), F.count(F.lit(1)).alias("lines"), F.collect_set("version").alias("versions")).first()
    ids = documents.groupBy("id").count().agg(F.sum("count").alias("docs"), F.max(F.struct("count", "id")).alias("most")).first()
    require(ids.docs, "there is no document")
    require(ids.most["count"] == 1, f"the id {ids.most['id']!r} is that of {ids.most['count']} documents, and it has to be of one")
    require(told.docs == ids.docs, f"tikrar keys has seen {told.docs} of {ids.docs} documents")
    require(told.found == told.rows == told.lines - told.ends, f"{told.found} of {told.rows} rows have come from tikrar keys")
    require(len(told.versions) == 1, f"the nodes have different versions of tikrar: {told.versions}")

    # Of the rows with one key all but the first are copies. A minimum is found part by part: no key's rows have to be in one place.
    place = F.struct("id", "a")
    firsts = rows.where(whole).groupBy("k").agg(F.min(place).alias("first"), F.count(F.lit(1)).alias("n")).where("n > 1")
    copies = rows.join(firsts, "k").where(place != F.col("first"))
    lists = copies.groupBy("id").agg(F.to_json(F.collect_list(F.array("a", "b"))).alias("units"))

    # Each document with its list, put in behind its first brace: nothing else of the line changes.
    drop = F.concat(F.lit('"drop":{"version":' + json.dumps(told.versions[0]) + ',"units":'), F.coalesce("units", F.lit("[]")), F.lit("},"))
    line = F.overlay("line", drop, F.instr("line", "{") + 1, F.lit(0))
    lost = F.raise_error(F.concat(F.lit("copies in a document that is not there: "), "id"))
    listed = documents.join(lists, "id", "full").select(F.coalesce(line, lost))
    keep = [f"--keep={regex}" for regex in given.keep]
    cleaned = spark.createDataFrame(pipe(listed, [given.tikrar, "drop", "--end", *shared, *keep]), "string", verifySchema=False)
    cleaned = cleaned.persist(StorageLevel.DISK_ONLY)
    docs = F.regexp_extract("value", END_OF_DROP, 1)
    left = cleaned.agg(F.sum(F.when(docs != "", docs.cast("long"))).alias("docs"), F.count(F.when(docs == "", 1)).alias("lines")).first()
    require(left.docs == left.lines == ids.docs, f"of {ids.docs} documents {left.docs} went through tikrar drop and {left.lines} came out")

    cleaned = cleaned.where(docs == "")
    if given.format == "parquet":
        fields = StructType([StructField(id_field, StringType()), table.select(of_table(text_field)).schema[0]])
        new = cleaned.select(F.from_json("value", fields, STRICT).alias("new")).select("new.*")
        columns = [new[f"`{text_field}`"] if name == text_field else of_table(name) for name in table.columns]
        table.join(new, key == new[f"`{id_field}`"]).select(columns).write.parquet(given.output, compression=given.compression)
    else:
        cleaned.write.text(given.output, compression=given.compression, lineSep="\n")
    print(f"tikrar_spark: {ids.docs} documents are in {given.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
