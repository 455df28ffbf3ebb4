package stats

import "testing"

// What a shape asks for is what its estimators read: moments that hold its pairs alone give arms.
func TestShapeAsksForWhatIsRead(t *testing.T) {
	for _, p := range populations {
		if p.metric.Kind == KindQuantile {
			continue
		}
		e := experiment{population: p, rng: seeded(p.name)}
		want, _ := e.run(50)
		var asked []Moments
		for _, sums := range e.moments {
			all := sums.Moments()
			m := NewMoments(all.N, p.metric.Quantities())
			copy(m.Mean, all.Mean)
			for _, pair := range p.metric.Pairs() {
				m.SetCovar(pair.I, pair.J, all.Covar(pair.I, pair.J))
			}
			asked = append(asked, m)
		}
		got, _ := p.metric.Arms(nil, asked)
		if got[0] != want {
			t.Errorf("%s: %+v, want %+v", p.name, got[0], want)
		}
	}
}
