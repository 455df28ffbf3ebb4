package expr

import (
	"strings"

	"assay/compiler/rel"
)

// Units are the units of time by their names.
var Units = func() map[string]rel.Unit {
	named := map[string]rel.Unit{}
	for u := rel.Millisecond; u <= rel.Year; u++ {
		named[u.String()] = u
	}
	return named
}()

// parts are the parts of a time. `dow` is missing, for it means different numbers to different warehouses.
var parts = map[string]rel.Part{
	"year": rel.PartYear, "quarter": rel.PartQuarter, "month": rel.PartMonth, "week": rel.PartWeek, "day": rel.PartDay,
	"isodow": rel.PartDayOfWeek, "doy": rel.PartDayOfYear, "hour": rel.PartHour, "minute": rel.PartMinute,
	"second": rel.PartSecond,
}

// typesByName are the spellings of ANSI, DuckDB and Postgres, and those of others that mean one thing everywhere.
var typesByName = map[string]rel.Type{
	"boolean": rel.Boolean, "bool": rel.Boolean,

	"tinyint": rel.Integer, "smallint": rel.Integer, "int": rel.Integer, "integer": rel.Integer, "bigint": rel.Integer,
	"hugeint": rel.Integer, "utinyint": rel.Integer, "usmallint": rel.Integer, "uinteger": rel.Integer, "ubigint": rel.Integer,
	"uhugeint": rel.Integer, "int2": rel.Integer, "int4": rel.Integer, "int8": rel.Integer, "int16": rel.Integer,
	"int32": rel.Integer, "int64": rel.Integer, "int128": rel.Integer, "int256": rel.Integer, "uint8": rel.Integer,
	"uint16": rel.Integer, "uint32": rel.Integer, "uint64": rel.Integer, "uint128": rel.Integer, "uint256": rel.Integer,

	"decimal": rel.Decimal, "numeric": rel.Decimal, "number": rel.Decimal, "bignumeric": rel.Decimal, "money": rel.Decimal,

	"float": rel.Float, "real": rel.Float, "double": rel.Float, "double precision": rel.Float, "float4": rel.Float,
	"float8": rel.Float, "float32": rel.Float, "float64": rel.Float,

	"text": rel.Text, "varchar": rel.Text, "string": rel.Text, "char": rel.Text, "bpchar": rel.Text, "character": rel.Text,
	"character varying": rel.Text, "enum": rel.Text, "enum8": rel.Text, "enum16": rel.Text, "fixedstring": rel.Text,
	"name": rel.Text,

	"date": rel.Date, "date32": rel.Date,

	"timestamp": rel.Timestamp, "datetime": rel.Timestamp, "datetime64": rel.Timestamp, "timestamp without time zone": rel.Timestamp,
	"timestamp_ntz": rel.Timestamp, "timestamp_s": rel.Timestamp, "timestamp_ms": rel.Timestamp, "timestamp_ns": rel.Timestamp,

	"timestamptz": rel.TimestampTZ, "timestamp with time zone": rel.TimestampTZ, "timestamp_tz": rel.TimestampTZ,
	"timestamp_ltz": rel.TimestampTZ,
}

// TypeNamed is the type a warehouse or user calls name; Unknown where it is none of rel's. A size in parentheses says nothing,
// wherever it stands: timestamp(6) with time zone.
func TypeNamed(name string) rel.Type {
	before, rest, sized := strings.Cut(strings.ToLower(name), "(")
	if sized {
		within, after, _ := strings.Cut(rest, ")")
		switch {
		case wrappers[before]:
			return TypeNamed(strings.TrimSuffix(rest, ")"))
		case zoned(before, within):
			return rel.TimestampTZ
		}
		before += " " + after
	}
	return typesByName[strings.Join(strings.Fields(before), " ")]
}

// wrappers are what ClickHouse writes around a type, which stays what it is.
var wrappers = map[string]bool{"nullable": true, "lowcardinality": true}

// zoned reports whether a type is ClickHouse's for instants that it shows in a time zone of their own.
func zoned(name, within string) bool {
	return typesByName[name] == rel.Timestamp && strings.Contains(within, "'") && !strings.Contains(within, "'utc'")
}
