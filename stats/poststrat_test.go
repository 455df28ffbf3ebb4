package stats

import (
	"slices"
	"testing"
)

func TestMergeThinStrata(t *testing.T) {
	stratum := func(control, variant int64) Stratum {
		return Stratum{Control: moments2(control, 1, 0, 1), Variant: moments2(variant, 1, 0, 1)}
	}
	for _, c := range []struct {
		name   string
		strata []Stratum
		sizes  []int64 // of the control
	}{
		{"none thin", []Stratum{stratum(5, 5), stratum(6, 6)}, []int64{5, 6}},
		{"with the next", []Stratum{stratum(1, 5), stratum(6, 6), stratum(7, 7)}, []int64{7, 7}},
		{"on and on", []Stratum{stratum(0, 5), stratum(1, 0), stratum(7, 7)}, []int64{8}},
		{"the last with the one before", []Stratum{stratum(5, 5), stratum(6, 6), stratum(9, 1)}, []int64{5, 15}},
		{"all thin", []Stratum{stratum(1, 0)}, []int64{1}},
	} {
		var sizes []int64
		for _, s := range MergeThinStrata(c.strata, 2) {
			sizes = append(sizes, s.Control.N)
		}
		if !slices.Equal(sizes, c.sizes) {
			t.Errorf("%s: %v, want %v", c.name, sizes, c.sizes)
		}
	}
}
