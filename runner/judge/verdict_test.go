package judge

import (
	"testing"

	"assay/compiler/model"
	"assay/compiler/project"
)

func TestVerdicts(t *testing.T) {
	found := func(lift span) finding { return finding{Effect: lift.Low + lift.High, Found: true, Lift: &lift} }
	open := func(lift span) finding { return finding{Effect: lift.Low + lift.High, Lift: &lift} }
	with := func(f finding, change func(*finding)) finding { change(&f); return f }
	decrease := func(f *finding) { f.Desired = project.Decrease }
	none := func(f *finding) { f.Desired = project.None }
	margin := func(f *finding) { f.Margin = ptr(0.02) }
	mde := func(f *finding) { f.MDE = ptr(0.02) }
	for name, c := range map[string]struct {
		finding finding
		role    model.Role
		want    Verdict
	}{
		"up":                   {found(span{0.01, 0.05}), model.Primary, Better},
		"down":                 {found(span{-0.05, -0.01}), model.Primary, Worse},
		"down is good":         {with(found(span{-0.05, -0.01}), decrease), model.Primary, Better},
		"no direction":         {with(found(span{-0.05, -0.01}), none), model.Explore, Changed},
		"open":                 {open(span{-0.05, 0.01}), model.Primary, Undecided},
		"small":                {with(open(span{-0.015, 0.01}), mde), model.Primary, Neutral},
		"not small enough":     {with(open(span{-0.015, 0.02}), mde), model.Primary, Undecided},
		"small but found":      {with(found(span{0.001, 0.01}), mde), model.Primary, Better},
		"no lift":              {with(finding{}, mde), model.Primary, Undecided},
		"guarded":              {with(open(span{-0.015, 0.05}), margin), model.Guardrail, NonInferior},
		"guarded, worse":       {with(found(span{-0.015, -0.01}), margin), model.Guardrail, NonInferior},
		"broken":               {with(found(span{-0.05, -0.01}), margin), model.Guardrail, Inferior},
		"cannot tell":          {with(open(span{-0.05, 0.01}), margin), model.Guardrail, Undecided},
		"on the margin":        {with(open(span{-0.02, 0.01}), margin), model.Guardrail, Undecided},
		"guarded, low good":    {with(with(open(span{-0.05, 0.015}), margin), decrease), model.Guardrail, NonInferior},
		"broken, low good":     {with(with(found(span{0.01, 0.05}), margin), decrease), model.Guardrail, Inferior},
		"no lift to guard":     {with(finding{}, margin), model.Guardrail, Undecided},
		"no margin, worse":     {found(span{-0.05, -0.01}), model.Guardrail, Inferior},
		"no margin, not worse": {open(span{-0.05, 0.01}), model.Guardrail, NonInferior},
	} {
		t.Run(name, func(t *testing.T) {
			if c.finding.Desired == "" {
				c.finding.Desired = project.Increase
			}
			if got := c.finding.verdict(c.role); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
