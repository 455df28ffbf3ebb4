package judge

import (
	"errors"

	"assay/stats"
)

// reason is why a number is undefined, as the result tables tell it.
func reason(err error) stats.Warning {
	var undefined *stats.Error
	if errors.As(err, &undefined) {
		return stats.Warning{Code: string(undefined.Reason), Text: undefined.Detail}
	}
	return stats.Warning{Code: string(stats.InvalidInput), Text: err.Error()}
}
