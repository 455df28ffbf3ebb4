package report

import (
	"math"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"

	"assay/runner/judge"
)

// missing stands where there is no number.
const missing = "n/a"

// shares are the types of metric whose value is a share of units.
var shares = map[string]bool{"threshold": true, "retention": true, "funnel": true}

// isShare reports whether a metric's value reads best as a percentage.
func isShare(m judge.MetricRow) bool { return shares[m.Type] || m.Unit != nil && *m.Unit == "%" }

// unitOf is the metric's unit where it is not shown with the number.
func unitOf(m judge.MetricRow) string {
	if m.Unit == nil || isShare(m) {
		return ""
	}
	return *m.Unit
}

// values are numbers of a metric to the same places, as percentages where they are shares.
func (s style) values(m judge.MetricRow, numbers ...*float64) []string {
	if isShare(m) {
		return s.shown(100, "%", valueDigits, numbers)
	}
	return s.shown(1, "", valueDigits, numbers)
}

// differences are numbers in the metric's unit, which of a share is percentage points.
func (s style) differences(m judge.MetricRow, numbers ...*float64) (shown []string, unit string) {
	if isShare(m) {
		return s.shown(100, "", differenceDigits, numbers), "points"
	}
	return s.shown(1, "", differenceDigits, numbers), unitOf(m)
}

func (s style) shown(scale float64, suffix string, digits int, numbers []*float64) []string {
	places := commonPlaces(scale, digits, numbers)
	shown := make([]string, len(numbers))
	for i, x := range numbers {
		if shown[i] = missing; x != nil {
			shown[i] = s.number(scale**x, places) + suffix
		}
	}
	return shown
}

// The significant digits of values and of differences, and the decimals that a table has room for.
const valueDigits, differenceDigits, mostPlaces = 4, 3, 6

// commonPlaces are the decimals that show all digits of the largest number, and at least two of every other.
func commonPlaces(scale float64, digits int, numbers []*float64) int {
	least, most := mostPlaces, 0
	for _, x := range numbers {
		if x != nil && *x != 0 {
			own := max(digits-1-int(math.Floor(math.Log10(math.Abs(scale**x)))), 0)
			least, most = min(least, own), max(most, own-digits+2)
		}
	}
	if least == mostPlaces && most == 0 {
		return 0
	}
	return min(max(least, most), mostPlaces)
}

// number is x to the given decimals, its thousands grouped; the very large and the very small are in powers of ten.
func (s style) number(x float64, places int) string {
	size := math.Abs(x)
	switch {
	case size != 0 && (size < 1e-4 || size >= 1e7):
		return s.signs(strconv.FormatFloat(x, 'g', valueDigits, 64))
	case size >= 1000:
		return s.signs(humanize.Comma(int64(math.Round(x))))
	default:
		return s.signs(strconv.FormatFloat(x, 'f', places, 64))
	}
}

// percent is a fraction with a sign, to the given places.
func (s style) percent(x float64, places int) string {
	text := unsigned(x, places)
	switch {
	case strings.Trim(text, "0.%") == "":
		return text
	case x > 0:
		return "+" + text
	default:
		return s.minus + text
	}
}

// setting is a fraction as people wrote it.
func setting(x float64) string { return strconv.FormatFloat(100*x, 'g', 4, 64) + "%" }

// unsigned is the size of a fraction; one beyond all sense is in powers of ten.
func unsigned(x float64, places int) string {
	size := 100 * math.Abs(x)
	if size >= 1e5 {
		return strconv.FormatFloat(size, 'g', 3, 64) + "%"
	}
	return strconv.FormatFloat(size, 'f', places, 64) + "%"
}

// placesFor are the decimals at which fractions of this size are worth reading.
func placesFor(sizes ...float64) int {
	largest := 0.0
	for _, x := range sizes {
		largest = max(largest, math.Abs(100*x))
	}
	switch {
	case largest >= 100:
		return 0
	case largest >= 1:
		return 1
	default:
		return 2
	}
}

func (s style) signs(number string) string { return strings.ReplaceAll(number, "-", s.minus) }

func count(n int64) string { return humanize.Comma(n) }

// plural is a count with its noun.
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}
