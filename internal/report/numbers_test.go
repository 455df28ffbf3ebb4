package report

import (
	"slices"
	"testing"

	"assay/runner/judge"
)

func TestValues(t *testing.T) {
	plainMetric, shareMetric := judge.MetricRow{Type: "simple"}, judge.MetricRow{Type: "threshold"}
	for _, c := range []struct {
		metric judge.MetricRow
		values []*float64
		want   []string
	}{
		{plainMetric, []*float64{ptr(12.3), ptr(12.345)}, []string{"12.30", "12.35"}},
		{plainMetric, []*float64{ptr(0.09), ptr(0.1314)}, []string{"0.0900", "0.1314"}},
		{plainMetric, []*float64{ptr(1234567.8), ptr(0.5)}, []string{"1,234,568", "0.50"}},
		{plainMetric, []*float64{ptr(-1234.5), nil}, []string{"−1,235", "n/a"}},
		{plainMetric, []*float64{ptr(0.0), ptr(0.0)}, []string{"0", "0"}},
		{plainMetric, []*float64{ptr(0.000012), ptr(2e15)}, []string{"1.2e−05", "2e+15"}},
		{shareMetric, []*float64{ptr(0.2144), ptr(1.0)}, []string{"21.4%", "100.0%"}},
		{shareMetric, []*float64{ptr(0.0123), ptr(0.012)}, []string{"1.230%", "1.200%"}},
		{judge.MetricRow{Type: "ratio", Unit: ptr("%")}, []*float64{ptr(0.25)}, []string{"25.00%"}},
	} {
		if got := (Options{}).style().values(c.metric, c.values...); !slices.Equal(got, c.want) {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
}

func TestPercent(t *testing.T) {
	s := Options{}.style()
	for _, c := range []struct {
		x      float64
		places int
		want   string
	}{{0.0431, 1, "+4.3%"}, {-0.0431, 1, "−4.3%"}, {-0.0004, 1, "0.0%"}, {0, 0, "0%"}, {12.5, 0, "+1250%"}} {
		if got := s.percent(c.x, c.places); got != c.want {
			t.Errorf("%v is %s, want %s", c.x, got, c.want)
		}
	}
}

func TestNiceSteps(t *testing.T) {
	for _, c := range [][2]float64{{0.07, 0.1}, {0.1, 0.1}, {0.11, 0.2}, {0.3, 0.5}, {0.6, 1}, {3, 5}, {0.0012, 0.002}} {
		if got := niceStep(c[0]); got/c[1] < 1-1e-9 || got/c[1] > 1+1e-9 {
			t.Errorf("%v steps by %v, want %v", c[0], got, c[1])
		}
	}
}
