"""Holds scripts to sqlglot, which knows the grammars of many engines, and resolves their names.

usage: sqlglot.py DIALECT, with a JSON list of scripts, each a list of statements, on standard input. Writes for each statement what
is wrong with it, "" for nothing.

Each statement must parse in the dialect, each column must be one of a table that the script before it has made, and each function
must be one that sqlglot knows in the dialect or that KNOWN lists with its vendor's documents.
"""
import json
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


def faults(dialect, schema, text):
    """Yields what is wrong with a statement, adding the table that it makes to the schema."""
    statement = sqlglot.parse_one(text, read=dialect)
    for call in statement.find_all(exp.Anonymous):
        if call.name.upper() not in KNOWN[dialect]:
            yield f"unknown function {call.name}"
    if isinstance(statement, exp.Command):
        yield "not understood"
    if not isinstance(statement, (exp.Create, exp.Insert, exp.Query)):
        return
    for table in statement.find_all(exp.Table):
        table.set("db", None)  # one schema is enough here
    created = isinstance(statement, exp.Create)
    if created and not statement.expression and not isinstance(statement.this, exp.Schema):
        return
    if created and isinstance(statement.this, exp.Schema):
        columns = statement.this.find_all(exp.ColumnDef)
        schema[statement.find(exp.Table).name] = {c.name: c.kind.sql(dialect) for c in columns}
        return
    query = statement.expression if created or isinstance(statement, exp.Insert) else statement
    resolved = annotate_types(
        qualify(query.copy(), schema=schema, dialect=dialect, validate_qualify_columns=True), schema=schema, dialect=dialect
    )
    if created:
        schema[statement.find(exp.Table).name] = {
            c.alias_or_name: c.type.sql(dialect) if c.type else "unknown" for c in resolved.selects
        }


def check(dialect, script):
    schema = {}
    for text in script:
        try:
            yield "; ".join(faults(dialect, schema, text))
        except SqlglotError as error:
            yield str(error)


if __name__ == "__main__":
    json.dump([list(check(sys.argv[1], script)) for script in json.load(sys.stdin)], sys.stdout)
