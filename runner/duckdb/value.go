package duckdb

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/google/uuid"

	"assay/runner"
)

// value: some have types of the driver's, or a name of a type that says what they are; nested ones are JSON.
func value(typeName string, v any) (any, error) {
	switch v := v.(type) {
	case duckdb.Decimal:
		return v.Float64(), nil
	case time.Time:
		return moment(typeName, v), nil
	case []byte:
		return text(typeName, v), nil
	case duckdb.Interval:
		return fmt.Sprintf("%d months %d days %s", v.Months, v.Days, time.Duration(v.Micros)*time.Microsecond), nil
	case []any, map[string]any:
		nested, err := json.Marshal(v)
		return string(nested), err
	}
	return v, nil
}

func moment(typeName string, v time.Time) any {
	switch typeName {
	case "TIME":
		return runner.TimeOfDay(v)
	case "TIMETZ":
		return runner.TimeOfDay(v) + v.Format("Z07:00")
	}
	return v
}

func text(typeName string, v []byte) any {
	if id, err := uuid.FromBytes(v); typeName == "UUID" && err == nil {
		return id.String()
	}
	return v
}
