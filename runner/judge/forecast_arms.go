package judge

import (
	"fmt"
	"math"
	"slices"

	"assay/compiler/model"
	"assay/compiler/plan"
	"assay/stats"
)

// divided are the two arms of a comparison that a rehearsal's one arm would have become: the same units, as many in each as the
// variants' weights say, by phase and stratum where the experiment has such.
func (e evidence) divided(m *plan.ObservedMetric, variant string) (control, treated stats.Arm, err error) {
	if len(m.Slices) == 0 {
		return control, treated, fewUnits(0)
	}
	x, whole := e.Observed.Experiment, m.Slices[0]
	if whole.Strata == nil || m.Shape.Kind == stats.KindQuantile {
		pooled := enter(m, whole).arms[0]
		return part(pooled, shareIn(x.Variants, x.Control)), part(pooled, shareIn(x.Variants, variant)), pooled.Undefined
	}
	var pairs []stats.ArmPair
	for _, s := range whole.Strata {
		pooled, variants := enter(m, plan.Slice{Arms: s.Arms}).arms[0], allocation(x, s.Phase)
		pair := stats.ArmPair{Control: part(pooled, shareIn(variants, x.Control)), Variant: part(pooled, shareIn(variants, variant))}
		if min(pair.Control.N, pair.Variant.N) >= thinnest {
			pairs = append(pairs, pair)
		}
	}
	weighted, err := stats.PostStratify(pairs, nil)
	return weighted.Control, weighted.Variant, err
}

// part is an arm of a share of the units, or of the clusters where those vary, as whole ones.
func part(pooled stats.Arm, share float64) stats.Arm {
	arm := pooled
	arm.N, arm.Clusters = partOf(pooled.N, share), partOf(pooled.Clusters, share)
	whole, varying := pooled.N, arm.N
	if pooled.Clusters > 0 {
		whole, varying = pooled.Clusters, arm.Clusters
	}
	if varying < thinnest {
		return stats.Arm{N: arm.N, Value: arm.Value, Adjusted: arm.Adjusted, Undefined: fewUnits(varying)}
	}
	grown := float64(whole) / float64(varying)
	arm.Variance, arm.UnadjustedVariance, arm.Covariance = grown*arm.Variance, grown*arm.UnadjustedVariance, grown*arm.Covariance
	return arm
}

func partOf(n int64, share float64) int64 { return int64(math.Round(float64(n) * share)) }

func fewUnits(units int64) error {
	return &stats.Error{Reason: stats.InsufficientData, Detail: fmt.Sprintf("%d count in an arm, and it takes at least %d", units, thinnest)}
}

// allocation is the variants' weights in a phase; those of the experiment where it has none of that name.
func allocation(x *model.Experiment, phase string) []model.Variant {
	i := slices.IndexFunc(x.Phases, func(p model.Phase) bool { return p.Name == phase })
	if i < 0 {
		return x.Variants
	}
	return x.Phases[i].Variants
}

func shareIn(variants []model.Variant, name string) float64 {
	i := slices.IndexFunc(variants, func(v model.Variant) bool { return v.Name == name })
	return variants[i].Share
}

func sqrtOf(n int64) float64 { return math.Sqrt(float64(n)) }
