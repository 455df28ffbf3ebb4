package judge

import (
	"errors"
	"fmt"

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

// leastUnits have a variance.
const leastUnits = 2

// why a result is undefined. Where units are too few it names those of each variant, and what they wait for.
func (r *ruling) why() stats.Warning {
	why := reason(r.undefined)
	control, variant := r.slice.Arms[r.control], r.slice.Arms[r.variant]
	if why.Code != string(stats.InsufficientData) || control.Moments.N >= leastUnits && variant.Moments.N >= leastUnits {
		return why
	}
	why.Text = fmt.Sprintf("it counts %s of %s and %s of %s, and a comparison takes %d of each",
		counted(control.Moments.N, "unit"), control.Variant, counted(variant.Moments.N, "unit"), variant.Variant, leastUnits)
	if r.metric.Use.Settings.Mature {
		why.Text += "; a unit counts once the whole of its window has passed"
	}
	return why
}
