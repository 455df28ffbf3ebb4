package rel

import (
	"regexp"
	"strings"
)

// The names that engines agree on. What is absent (json, uuid, arrays, enumerations, times of day) is Unknown: nothing is
// assumed of it, and the engine has the last word.
var namedTypes = map[string]Type{
	"boolean": Boolean, "bool": Boolean,
	"tinyint": Integer, "smallint": Integer, "integer": Integer, "int": Integer, "bigint": Integer, "hugeint": Integer,
	"utinyint": Integer, "usmallint": Integer, "uinteger": Integer, "ubigint": Integer, "uhugeint": Integer,
	"int2": Integer, "int4": Integer, "int8": Integer, "smallserial": Integer, "serial": Integer, "bigserial": Integer,
	"decimal": Decimal, "numeric": Decimal,
	"float": Float, "real": Float, "double": Float, "double precision": Float, "float4": Float, "float8": Float,
	"varchar": Text, "text": Text, "string": Text, "char": Text, "character": Text, "character varying": Text, "bpchar": Text,
	"date":      Date,
	"timestamp": Timestamp, "timestamp without time zone": Timestamp, "datetime": Timestamp,
	"timestamp_s": Timestamp, "timestamp_ms": Timestamp, "timestamp_ns": Timestamp,
	"timestamptz": TimestampTZ, "timestamp with time zone": TimestampTZ,
}

var typeParameters = regexp.MustCompile(`\s*\([^()]*\)`)

// ParseType is the type that a warehouse's catalog, or a user, calls by that name, in any case and with or without parameters
// such as varchar(20); Unknown where the name is none of ours.
func ParseType(name string) Type {
	bare := typeParameters.ReplaceAllString(strings.ToLower(strings.TrimSpace(name)), "")
	return namedTypes[bare]
}
