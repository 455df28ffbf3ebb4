package stats

import (
	"errors"
	"fmt"
	"math"
	"reflect"

	"pgregory.net/rapid"
)

// nasty are the numbers that break arithmetic, among ordinary ones.
var nasty = rapid.OneOf(
	rapid.Float64Range(-5, 5),
	rapid.Float64Range(0, 1),
	rapid.Float64(),
	rapid.SampledFrom([]float64{
		0, math.Copysign(0, -1), 1, -1, 0.5, 1e-9, 1e-160, 5e-324, 1e9, 1e160, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1),
	}),
)

var nastyCount = rapid.OneOf(rapid.Int64Range(-1, 5), rapid.Int64Range(0, 1e6), rapid.SampledFrom([]int64{math.MinInt64,
	math.MaxInt64}))

// sound says what is wrong with an answer: an error that is not typed, a NaN anywhere, a probability outside [0, 1], an interval
// that does not hold its estimate.
func sound(answer any, err error) error {
	var typed *Error
	if err != nil {
		if !errors.As(err, &typed) || typed.Detail == "" {
			return fmt.Errorf("not a typed error with a detail: %v", err)
		}
		return nil
	}
	return soundValue(reflect.ValueOf(answer))
}

func soundValue(v reflect.Value) error {
	if !v.CanInterface() { // what a result keeps for itself is seen through what it answers
		return nil
	}
	switch x := v.Interface().(type) {
	case Test:
		if x.Defined && !(x.P >= 0 && x.P <= 1) {
			return fmt.Errorf("p-value %v", x.P)
		}
	case Interval:
		if !(x.Low <= x.High) {
			return fmt.Errorf("interval %v", x)
		}
	case Estimate:
		if !x.Interval.Contains(x.Value) {
			return fmt.Errorf("interval %v does not hold %v", x.Interval, x.Value)
		}
	case float64:
		if math.IsNaN(x) {
			return errors.New("NaN")
		}
	}
	return soundParts(v)
}

func soundParts(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if err := soundValue(v.Field(i)); err != nil {
				return fmt.Errorf("%s: %w", v.Type().Field(i).Name, err)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := soundValue(v.Index(i)); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
	}
	return nil
}
