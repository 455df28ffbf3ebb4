package project

import "fmt"

// String is the duration as people write it.
func (v Duration) String() string {
	if v.Count == 1 {
		return fmt.Sprintf("1 %s", v.Unit)
	}
	return fmt.Sprintf("%d %ss", v.Count, v.Unit)
}

// longer compares durations; months and longer are taken at their mean length.
func longer(a, b Duration) bool { return a.seconds() > b.seconds() }

func (v Duration) seconds() float64 {
	const day = 24 * 60 * 60
	seconds := map[Unit]float64{
		Nanosecond: 1e-9, Microsecond: 1e-6, Millisecond: 1e-3, Second: 1, Minute: 60, Hour: 60 * 60, Day: day, Week: 7 * day,
		Month: 365.25 * day / 12, Quarter: 365.25 * day / 4, Year: 365.25 * day,
	}
	return float64(v.Count) * seconds[v.Unit]
}
