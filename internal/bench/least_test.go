package bench

import "time"

// least is the least time that a thing took of several: what other work on the machine adds, it adds to some of them.
type least time.Duration

func (l *least) see(took time.Duration) {
	if *l == 0 || took < time.Duration(*l) {
		*l = least(took)
	}
}

func (l least) over(other least) float64 { return float64(l) / float64(other) }
