"""Parses compiled SQL with sqlglot and resolves its names against the tables of an example.

usage: validate.py DIALECT DATA_DIR FILE...

Each statement must parse in the dialect, each column must be one of a table's or of a step before, and each function must be one that
sqlglot knows in the dialect or that KNOWN lists with its vendor's documents.
"""
import csv
import pathlib
import sys

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

# Functions that the vendor documents and sqlglot does not know by name.
KNOWN = {
    "snowflake": {"ARRAY_GENERATE_RANGE", "GREATEST_IGNORE_NULLS", "LEAST_IGNORE_NULLS", "DAYOFWEEKISO", "BITSHIFTRIGHT", "MD5_NUMBER_UPPER64"},
    "redshift": {"GROUPING_ID", "STRTOL"},
    "databricks": {"GROUPING_ID", "STARTSWITH", "TO_UTC_TIMESTAMP", "FROM_UTC_TIMESTAMP"},
    "bigquery": {"GROUPING"},
}


def column_type(values):
    for kind, convert in (("bigint", int), ("double", float)):
        try:
            for value in values:
                convert(value)
            return kind
        except ValueError:
            continue
    if all(len(v) >= 10 and v[4] == v[7] == "-" for v in values):
        return "timestamp" if len(values[0]) > 10 else "date"
    return "varchar"


def schema_of(data):
    schema = {}
    for file in sorted(pathlib.Path(data).glob("*.csv")):
        with open(file, newline="") as f:
            rows = list(csv.reader(f))
        schema[file.stem] = {
            name: column_type([r[i] for r in rows[1:] if r[i]]) for i, name in enumerate(rows[0])
        }
    return schema


def faults(dialect, schema, text):
    """Yields what is wrong with the statements of a script, adding the tables that it creates to the schema."""
    for statement in sqlglot.parse(text, read=dialect):
        for call in statement.find_all(exp.Anonymous):
            if call.name.upper() not in KNOWN[dialect]:
                yield f"unknown function {call.name}"
        query = statement.expression if isinstance(statement, exp.Create) else statement
        try:
            resolved = annotate_types(
                qualify(query.copy(), schema=schema, dialect=dialect, validate_qualify_columns=True), schema=schema, dialect=dialect
            )
        except SqlglotError as error:
            yield str(error)
            continue
        if isinstance(statement, exp.Create):
            table = statement.find(exp.Table).name
            schema[table] = {
                c.alias_or_name: c.type.sql(dialect) if c.type else "unknown" for c in resolved.selects
            }


def main(dialect, data, *files):
    failed = False
    for file in files:
        for fault in faults(dialect, schema_of(data), pathlib.Path(file).read_text()):
            failed = True
            print(f"{file}: {fault}")
    print(f"{dialect}: {len(files)} files {'do not hold' if failed else 'hold'}")
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
