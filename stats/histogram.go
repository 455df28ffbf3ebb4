package stats

import "math"

// A Histogram counts values in bins: Counts[j] in (Edges[j], Edges[j+1]].
type Histogram struct {
	Edges  []float64
	Counts []int64
}

// A HistogramQuantile is a quantile read from a histogram.
type HistogramQuantile struct {
	Arm Arm
	// Bin is that of the quantile; its edges Low and High bound the sample's own quantile without any doubt.
	Bin       int
	Low, High float64
	// Density is the bin's.
	Density float64
}

// Quantile interpolates within the bin, with standard error √(p(1−p)/n)/density. A density from a bin of few values is noisy:
// where ranks can be fetched, QuantileRanks is better.
func (h Histogram) Quantile(p float64) (HistogramQuantile, error) {
	total, err := h.total()
	if err := firstError(err, checkProbability(p)); err != nil {
		return HistogramQuantile{}, err
	}
	n := float64(total)
	below, bin := int64(0), 0
	for target := rankAt(total, p); below+h.Counts[bin] < target; bin++ {
		below += h.Counts[bin]
	}
	count, low, high := float64(h.Counts[bin]), h.Edges[bin], h.Edges[bin+1]
	q := HistogramQuantile{Bin: bin, Low: low, High: high, Density: count / n / (high - low)}
	value := low + math.Min(1, (p*n-float64(below))/count)*(high-low)
	q.Arm = observed(total, value, binomialVariance(p, n)/(q.Density*q.Density))
	return q, nil
}

// total is the number of values of a histogram that is one.
func (h Histogram) total() (int64, error) {
	if len(h.Edges) != len(h.Counts)+1 || len(h.Counts) == 0 {
		return 0, undefined(InvalidInput, "%d edges for %d counts; m bins have m+1 edges", len(h.Edges), len(h.Counts))
	}
	total := int64(0)
	for j, count := range h.Counts {
		if count < 0 || !(h.Edges[j] < h.Edges[j+1]) || math.IsInf(h.Edges[j+1]-h.Edges[j], 0) {
			return 0, undefined(InvalidInput, "bin %d holds %d values between %v and %v; counts are not negative and edges rise",
				j, count, h.Edges[j], h.Edges[j+1])
		}
		total += count
	}
	if total == 0 {
		return 0, undefined(InsufficientData, "the histogram is empty")
	}
	return total, nil
}
