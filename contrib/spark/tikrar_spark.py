"""Removes repeated paragraphs from a corpus with Apache Spark: `tikrar keys` and `tikrar drop` read the texts, Spark groups the keys.

    spark-submit tikrar_spark.py [OPTIONS] INPUT... OUTPUT          README.md beside this file says more
"""
import argparse, json, shlex, sys

from pyspark import StorageLevel
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession, functions as F
from pyspark.sql.types import StringType, StructField, StructType

ROW = "k string, id string, a long, b long, end boolean, docs long, texts long, rows long, version string"
END_OF_DROP = r'^\{"end":true,"docs":(\d+),"units":\d+,"version":"[^"]*"\}$'


def require(holds, otherwise):
    if not holds:
        sys.exit(f"tikrar_spark: {otherwise}: nothing is written")


def is_there(spark, path):
    try:
        return bool(spark.read.format("binaryFile").load([path, path]))  # where it is one path, Spark logs that it is missing
    except AnalysisException:
        return False


def pipe(lines, program, half, options):
    """The lines that `tikrar keys` or `tikrar drop` writes. Python hands them on in UTF-8, whatever the locale is."""
    path = {"PATH": ".:/usr/local/bin:/usr/bin:/bin"}  # all of its environment; in the working folder is what --files brings
    return lines.rdd.map(lambda row: row[0]).pipe(shlex.join([program, half, "-j1", *options]), path, checkCode=True)


def checked(text):
    """Text that is UTF-8. Nothing else would come back from the program as it was."""
    is_damaged = text.isNotNull() & (F.encode(text, "UTF-8") != text.cast("binary"))
    return F.when(is_damaged, F.raise_error(F.concat(F.lit("a text that is not UTF-8: "), text))).otherwise(text)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("input", nargs="+", help="files, folders or patterns")
    parser.add_argument("output", help="a folder that is not there yet")
    parser.add_argument("--format", choices=["jsonl", "parquet"], default="jsonl", help="of input and output")
    parser.add_argument("--compression", help="of the output, such as gzip or zstd")
    parser.add_argument("--partitions", type=int, help="divide the input anew: a gzip file is one partition otherwise")
    parser.add_argument("--tikrar", default="tikrar", help="the program: a name, or its path on every node")
    parser.add_argument("--text-field", default="text")
    parser.add_argument("--id-field", default="id")
    for name in ("level", "fold", "unit", "min-words", "keep"):
        parser.add_argument(f"--{name}", dest="options", action="append", default=[], type=f"--{name}={{}}".format, help="as in `tikrar keys`")
    given = parser.parse_args(arguments)
    options = [f"--text-field={given.text_field}", f"--id-field={given.id_field}", *given.options]
    spark = SparkSession.builder.appName("tikrar").config("spark.sql.caseSensitive", "true").getOrCreate()
    require(not is_there(spark, given.output), f"{given.output} is there already")

    # Of each document its id, and a line of JSON.
    if given.format == "parquet":
        table = spark.read.parquet(*given.input)
        column = lambda name: table[f"`{name}`"]
        id = checked(column(given.id_field).cast("string"))
        line = F.to_json(F.struct(id.alias(given.id_field), checked(column(given.text_field)).alias(given.text_field)))
        documents = table.select(id.alias("id"), line.alias("line"))
    else:
        lines = spark.read.text(given.input, lineSep="\n").where(r"value rlike '[^ \\t\\r]'")  # a CR or U+2028 ends no line
        id = F.from_json("value", StructType([StructField(given.id_field, StringType())]))[given.id_field]
        documents = lines.select(id.alias("id"), checked(F.col("value")).alias("line"))
    if given.partitions:
        documents = documents.repartition(given.partitions)

    # A row for each window of the texts. They are kept, since they are used three times, and the program would run as often.
    keys = pipe(documents.select("line"), given.tikrar, "keys", options)
    rows = spark.read.json(keys, schema=ROW).withColumn("k", F.unhex("k")).persist(StorageLevel.DISK_ONLY)
    is_row = F.col("k").isNotNull() & F.col("id").isNotNull() & F.col("a").isNotNull() & F.col("b").isNotNull()
    sums = [F.sum(name).alias(name) for name in ("docs", "texts", "rows")]
    told = rows.agg(*sums, F.count(F.when(is_row, 1)).alias("found"), F.count(F.when(~is_row & F.col("end").isNull(), 1)).alias("strange"),
                    F.collect_set("version").alias("versions")).first()
    ids = documents.groupBy("id").count().agg(F.sum("count").alias("docs"), F.max(F.struct("count", "id")).alias("most")).first()
    require(ids.docs, "there is no document")
    require(ids.most["count"] == 1, f"{ids.most['count']} documents have the id {ids.most['id']!r}, and ids have to be unique")
    require(told.docs == ids.docs, f"tikrar keys has seen {told.docs or 0} of {ids.docs} documents")
    require(told.found == told.rows and not told.strange, f"of {told.rows} rows of tikrar keys {told.found} are here")
    require(len(told.versions) == 1, f"there are several versions of tikrar: {told.versions}")
    require(told.texts, f"no document has a text in its field {given.text_field!r}")

    # Of the rows with one key all but the first are copies. A minimum is found part by part, so no key's rows have to be in one place.
    place = F.struct("id", "a")
    firsts = rows.where(is_row).groupBy("k").agg(F.min(place).alias("first"), F.count("k").alias("n")).where("n > 1")
    anew = F.substring("k", 1, 16)  # the same key, but shuffled anew: only so adaptive execution divides one that has very many rows
    copies = rows.join(firsts.withColumn("k", anew), "k").where(place != F.col("first"))
    lists = copies.groupBy("id").agg(F.to_json(F.collect_list(F.array("a", "b"))).alias("units"))

    # Each document with its list, which is put in behind the first brace, so that nothing else of the line changes.
    drop = F.concat(F.lit(f'"drop":{{"version":{json.dumps(told.versions[0])},"units":'), F.coalesce("units", F.lit("[]")), F.lit("},"))
    stray = F.raise_error(F.concat(F.lit("copies in a document that is not there: "), "id"))
    listed = documents.join(lists, "id", "full").select(F.coalesce(F.overlay("line", drop, F.instr("line", "{") + 1, F.lit(0)), stray))
    cleaned = spark.createDataFrame(pipe(listed, given.tikrar, "drop", [*options, "--end"]), "string", verifySchema=False)
    cleaned = cleaned.persist(StorageLevel.DISK_ONLY)
    docs = F.regexp_extract("value", END_OF_DROP, 1)
    left = cleaned.agg(F.sum(F.when(docs != "", docs).cast("long")).alias("docs"), F.count(F.when(docs == "", 1)).alias("lines")).first()
    require(left.docs == left.lines == ids.docs, f"of {ids.docs} documents {left.docs or 0} went through tikrar drop, and {left.lines} came out")

    # Only now something is written.
    cleaned = cleaned.where(docs == "")
    if given.format == "parquet":
        fields = StructType([StructField(given.id_field, StringType()), table.select(column(given.text_field)).schema[0]])
        new = cleaned.select(F.from_json("value", fields, {"mode": "FAILFAST"}).alias("new")).select("new.*")  # else null is what fails
        columns = [new[f"`{name}`"] if name == given.text_field else column(name) for name in table.columns]
        table.join(new, id == new[f"`{given.id_field}`"]).select(columns).write.parquet(given.output, compression=given.compression)
    else:
        cleaned.write.text(given.output, compression=given.compression, lineSep="\n")
    print(f"tikrar_spark: {ids.docs} documents are in {given.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
