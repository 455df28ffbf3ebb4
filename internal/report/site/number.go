package site

import (
	"math"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

func count(n int64) string { return humanize.Comma(n) }

// units is how many there are.
func units(n int64) string {
	if n == 1 {
		return "1 unit"
	}
	return count(n) + " units"
}

// plainNumber is a number of no known unit: four digits, and all of a whole number.
func plainNumber(x *float64) string {
	switch {
	case x == nil:
		return ""
	case *x == math.Trunc(*x) && math.Abs(*x) < 1e15:
		return count(int64(*x))
	default:
		return strings.ReplaceAll(strconv.FormatFloat(*x, 'g', 4, 64), "-", "−")
	}
}

func plainNumbers(numbers ...*float64) []string {
	list := make([]string, len(numbers))
	for i, x := range numbers {
		list[i] = plainNumber(x)
	}
	return list
}

// percent is a fraction as people wrote it.
func percent(x float64) string { return strconv.FormatFloat(100*x, 'g', 4, 64) + "%" }
