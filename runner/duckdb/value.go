package duckdb

import (
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/google/uuid"
)

// value turns what the driver returns into what rows hold. Whole numbers that do not fit 64 bits become floats; what has no
// counterpart (intervals, lists, structs) its text, nested values as JSON.
func value(typeName string, v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, int64, float64, string:
		return v, nil
	case int8:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case uint8:
		return int64(v), nil
	case uint16:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	case uint64:
		return whole(new(big.Int).SetUint64(v)), nil
	case *big.Int:
		return whole(v), nil
	case float32:
		return float64(v), nil
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
	return fmt.Sprint(v), nil
}

func whole(v *big.Int) any {
	if v.IsInt64() {
		return v.Int64()
	}
	f, _ := v.Float64()
	return f
}

func moment(typeName string, v time.Time) any {
	switch typeName {
	case "TIME":
		return v.Format("15:04:05.999999")
	case "TIMETZ":
		return v.Format("15:04:05.999999Z07:00")
	}
	return v.UTC()
}

func text(typeName string, v []byte) string {
	if id, err := uuid.FromBytes(v); typeName == "UUID" && err == nil {
		return id.String()
	}
	return fmt.Sprintf("%x", v)
}
