"""Serves a stand-in of Snowflake on this machine: serve_fakesnow.py PORT

Adds a function that the stand-in lacks and that compiled SQL calls. As in Snowflake, a schema is there once it was created.
"""
import sys

import fakesnow.macros
import uvicorn

UPPER_64 = """
CREATE OR REPLACE MACRO {catalog}.m_d5_number_upper64(x) AS CAST(('0x' || substr(md5(x), 1, 16))::UBIGINT AS DECIMAL(38, 0));
"""

creation_sql = fakesnow.macros.creation_sql
fakesnow.macros.creation_sql = lambda catalog: creation_sql(catalog) + UPPER_64.format(catalog=catalog)

if __name__ == "__main__":
    from fakesnow.server import app, shared_fs

    shared_fs.create_schema_on_connect = False
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
