package bench

import "time"

// least is the least time that a thing took of several: what other work on the machine adds, it adds to some of them.
type least time.Duration

func (l *least) see(took time.Duration) {
	if *l == 0 || took < time.Duration(*l) {
		*l = least(took)
	}
}

// perSecond is how many of so many rows that is in a second.
func (l least) perSecond(rows int) float64 { return float64(rows) / time.Duration(l).Seconds() }

func (l least) over(other least) float64 { return float64(l) / float64(other) }
