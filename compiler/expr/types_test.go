package expr_test

import (
	"testing"

	"assay/compiler/expr"
	"assay/compiler/rel"
)

func TestTypeNamed(t *testing.T) {
	for name, want := range map[string]rel.Type{
		"BOOLEAN": rel.Boolean, "bigint": rel.Integer, "UTINYINT": rel.Integer, "DECIMAL(18,3)": rel.Decimal,
		"numeric": rel.Decimal, "double  precision": rel.Float, "VARCHAR": rel.Text, "character varying(255)": rel.Text,
		"ENUM('a', 'b')": rel.Text, "DATE": rel.Date, "TIMESTAMP_NS": rel.Timestamp, "timestamp(6) without time zone": rel.Timestamp,
		"timestamp(3) with time zone": rel.TimestampTZ, "TIMESTAMPTZ": rel.TimestampTZ, "VARCHAR[]": rel.Unknown,
		"DECIMAL(18,3)[]": rel.Unknown, "STRUCT(a INTEGER)": rel.Unknown, "uuid": rel.Unknown, "": rel.Unknown, "(": rel.Unknown,
		"Nullable(Int64)": rel.Integer, "LowCardinality(Nullable(String))": rel.Text, "Nullable(DateTime64(6, 'UTC'))": rel.Timestamp,
		"DateTime": rel.Timestamp, "DateTime('Asia/Tokyo')": rel.TimestampTZ, "DateTime64(3, 'America/New_York')": rel.TimestampTZ,
		"Enum8('a' = 1)": rel.Text, "Array(Int64)": rel.Unknown, "Nullable(": rel.Unknown,
	} {
		if got := expr.TypeNamed(name); got != want {
			t.Errorf("%s is %s, not %s", name, got, want)
		}
	}
}
