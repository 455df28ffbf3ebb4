package stats

import "fmt"

// Reason says why a quantity is undefined. Its text is stable: it is what callers store and compare.
type Reason string

const (
	InsufficientData   Reason = "insufficient_data"   // too few units for a variance
	ZeroVariance       Reason = "zero_variance"       // nothing varies, so nothing can be tested
	ZeroDenominator    Reason = "zero_denominator"    // a ratio over nothing
	SingularCovariates Reason = "singular_covariates" // covariates that repeat one another
	IllConditioned     Reason = "ill_conditioned"     // the input has lost the digits that the answer needs
	InvalidInput       Reason = "invalid_input"       // no data could look like this: a negative variance, a probability of 2
)

// Error is the typed answer "undefined": no estimator returns NaN in its place.
type Error struct {
	Reason Reason
	Detail string // names the argument and the mend
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Reason, e.Detail) }

func undefined(r Reason, format string, args ...any) error {
	return &Error{Reason: r, Detail: fmt.Sprintf(format, args...)}
}
