package conformance

import (
	"encoding/json"
	"fmt"
	"time"
)

// fromJSON is a value that an engine wrote as JSON: a moment or a number with a fraction by its kind, the rest as it is.
func fromJSON(v any, kind string) any {
	switch {
	case v == nil:
		return nil
	case kind == "time":
		for _, layout := range []string{time.DateOnly, "2006-01-02 15:04:05.999999999"} {
			if at, err := time.Parse(layout, fmt.Sprint(v)); err == nil {
				return at
			}
		}
	case kind == "float":
		if f, err := json.Number(fmt.Sprint(v)).Float64(); err == nil {
			return f
		}
	}
	return v
}
