-- From documents.jsonl, and rows.jsonl that `tikrar keys` made of it, to listed.jsonl for `tikrar drop`: README.md beside this file.
CREATE TEMP TABLE rows AS SELECT k::UUID AS k, * EXCLUDE k FROM read_json('rows.jsonl', format = 'newline_delimited', columns = {
    k: 'VARCHAR', id: 'VARCHAR', a: 'BIGINT', b: 'BIGINT', docs: 'BIGINT', rows: 'BIGINT', version: 'VARCHAR'});
CREATE TEMP VIEW documents AS SELECT row_number() OVER () AS n, json AS line, json ->> 'id' AS id
    FROM read_json_objects('documents.jsonl', format = 'newline_delimited');

-- Of the rows with one key all but the first are copies.
CREATE TEMP TABLE lists AS SELECT id, to_json(list([a, b])) AS units
    FROM rows JOIN (SELECT k, min((id, a)) AS first FROM rows WHERE k IS NOT NULL GROUP BY k HAVING count(*) > 1) USING (k)
    WHERE (id, a) <> first GROUP BY id;

SELECT CASE WHEN count(*) <> count(DISTINCT id) THEN error('an id is not unique')
    WHEN (count(*), true) IS DISTINCT FROM (SELECT (sum(docs), sum(rows) = count(k)) FROM rows) THEN error('rows.jsonl is not whole, or not of documents.jsonl')
    WHEN EXISTS (FROM lists ANTI JOIN documents USING (id)) THEN error('an id is read in two ways') ELSE count(*) END AS documents FROM documents;

-- What is put in stands behind the first brace, so nothing else changes. JSON is written as a table of one column, without quotation marks.
COPY (SELECT '{"drop":{"version":' || to_json((SELECT any_value(version) FROM rows)) || ',"units":' || coalesce(units, '[]') || '},' || line[2:]
    FROM documents LEFT JOIN lists USING (id) ORDER BY n) TO 'listed.jsonl' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '');
