package runner

import (
	"fmt"
	"math/big"
	"strconv"
	"time"
)

// plain is a driver's value as Rows hold it, once what an Engine's Value knows of its types is done. Whole numbers that do not fit 64
// bits become floats, times are of UTC, bytes hexadecimal; what has no counterpart (lists, maps, structs) is its text.
func plain(v any) any {
	switch v := v.(type) {
	case nil, bool, int64, float64, string:
		return v
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	case uint64:
		return whole(new(big.Int).SetUint64(v))
	case big.Int:
		return whole(&v)
	case *big.Int:
		return whole(v)
	case float32:
		return float64(v)
	case time.Time:
		return v.UTC()
	case []byte:
		return fmt.Sprintf("%x", v)
	}
	return fmt.Sprint(v)
}

func whole(v *big.Int) any {
	if v.IsInt64() {
		return v.Int64()
	}
	f, _ := v.Float64()
	return f
}

// Exact reads an exact number that a driver hands over as a text. One without a fraction that fits 64 bits is whole: the type of SUM
// and COUNT over whole numbers.
func Exact(text string) (any, error) {
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		return whole, nil
	}
	return strconv.ParseFloat(text, 64)
}

// TimeOfDay is a time without a day as Rows hold it.
func TimeOfDay(t time.Time) string { return t.Format("15:04:05.999999") }
