package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The set is bounded exactly where G is below 1, and always holds the ratio itself.
func TestFiellerSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() Arm {
			return observed(50, rapid.Float64Range(-5, 5).Draw(t, "value"), rapid.Float64Range(0.001, 4).Draw(t, "variance"))
		}
		set, err := Fieller(draw(), draw(), math.Inf(1), 0.05)
		if err != nil {
			t.Skip(err)
		}
		if !set.Set.Contains(set.Ratio) || set.Set.Kind == Bounded != (set.G < 1) {
			t.Fatalf("%+v", set)
		}
	})
}
