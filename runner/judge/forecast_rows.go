package judge

import (
	"slices"
	"time"

	"assay/compiler/model"
	"assay/stats"
)

// PowerRow is a row of assay_power: a comparison after so many days, or, where the metric is NULL, the whole decision.
type PowerRow struct {
	RunID            string          `json:"run_id"`
	AsOf             time.Time       `json:"as_of"`
	Experiment       string          `json:"experiment" key:"true"`
	Metric           *string         `json:"metric" key:"true"`
	Variant          *string         `json:"variant" key:"true"`
	Days             int64           `json:"days" key:"true"`
	Basis            Basis           `json:"basis"`
	Role             *string         `json:"role"`
	Status           ResultStatus    `json:"status"`
	Units            *int64          `json:"units"` // of all variants, as they count
	NControl         *int64          `json:"n_control"`
	NVariant         *int64          `json:"n_variant"`
	ValueControl     *float64        `json:"value_control"`
	SDControl        *float64        `json:"sd_control"`
	LiftSE           *float64        `json:"lift_se"`
	Alpha            *float64        `json:"alpha"`
	TargetPower      float64         `json:"target_power"`
	MDE              *float64        `json:"mde"`
	Margin           *float64        `json:"margin"`
	Power            *float64        `json:"power"`
	DetectableLift   *float64        `json:"detectable_lift"`
	DetectableEffect *float64        `json:"detectable_effect"`
	DaysNeeded       *int64          `json:"days_needed"`
	Extrapolated     *bool           `json:"extrapolated"`
	Longest          bool            `json:"longest"`
	Progress         *float64        `json:"progress"`
	DaysLeft         *float64        `json:"days_left"`
	Draws            *int64          `json:"draws"`
	PowerError       *float64        `json:"power_error"`
	Warnings         []stats.Warning `json:"warnings"`
}

// Rows are a forecast as its table has it.
func (f *Forecast) Rows(runID string) []PowerRow {
	var rows []PowerRow
	blank := PowerRow{RunID: runID, AsOf: f.AsOf, Experiment: f.Experiment.Name, Basis: f.Basis, Status: OK, TargetPower: f.Power,
		Warnings: []stats.Warning{}}
	for _, c := range f.Curves {
		for _, at := range c.Points {
			row := blank
			row.Units = f.unitsAfter(at.Days)
			c.write(&row, at)
			rows = append(rows, row)
		}
	}
	for _, odds := range f.Decisions {
		row := blank
		row.Progress = f.Progress
		if f.DaysToGo != nil {
			row.DaysLeft = ptr(float64(*f.DaysToGo))
		}
		odds.write(&row)
		rows = append(rows, row)
	}
	return rows
}

func (f *Forecast) unitsAfter(days int) *int64 {
	i := slices.IndexFunc(f.Entered, func(e Entered) bool { return e.Days == days })
	if i < 0 {
		return nil
	}
	return &f.Entered[i].Units
}

func (c Curve) write(row *PowerRow, at Point) {
	use := c.Use
	row.Metric, row.Variant, row.Role, row.Days = &use.Name, &c.Variant, ptr(string(use.Role)), int64(at.Days)
	row.Alpha, row.Margin, row.Longest = &c.Alpha, use.Margin, c.Longest
	if c.Asked != use.Margin {
		row.MDE = c.Asked
	}
	row.Progress, row.DaysLeft = c.Progress, c.DaysLeft
	if len(c.Needs) > 0 && c.Needs[0].Days != nil {
		row.DaysNeeded, row.Extrapolated = ptr(int64(*c.Needs[0].Days)), &c.Needs[0].Beyond
	}
	row.Warnings = append(row.Warnings, c.warnings()...)
	if at.Undefined != nil {
		row.Status = Undefined
		row.Warnings = append(row.Warnings, reason(at.Undefined))
		return
	}
	row.NControl, row.NVariant = &at.Control, &at.Variant
	row.ValueControl, row.SDControl, row.LiftSE = &at.Value, &at.SD, &at.LiftSE
	row.Power, row.DetectableLift, row.DetectableEffect = at.Power, at.Detectable, at.DetectableEffect()
}

func (c Curve) warnings() []stats.Warning {
	if !c.FirstStep {
		return nil
	}
	return []stats.Warning{{Code: "first_step", Text: "the correction goes by steps: alpha is that of its first, and the power at least as told"}}
}

// DetectableEffect is the smallest effect that is found, in the metric's unit; nil where none is.
func (p Point) DetectableEffect() *float64 {
	if p.Detectable == nil {
		return nil
	}
	return ptr(*p.Detectable * max(p.Value, -p.Value))
}

func (o Odds) write(row *PowerRow) {
	row.Days, row.Role, row.Alpha = int64(o.Days), ptr("decision"), &o.Nothing.Ship
	if o.Asked == nil {
		return
	}
	row.Power = &o.Asked.Ship
	if o.Asked.Draws > 0 {
		row.Draws, row.PowerError = ptr(int64(o.Asked.Draws)), &o.Asked.Error
	}
}

// WeighedRow is what is told of a weighed experiment.
type WeighedRow struct {
	Protocol   string   `json:"protocol"`
	Experiment *string  `json:"experiment"` // NULL: imagined
	Primary    int64    `json:"primary"`
	Secondary  int64    `json:"secondary"`
	Guardrails int64    `json:"guardrails"`
	Variants   int64    `json:"variants"`
	TestPower  float64  `json:"test_power"`
	Looks      int64    `json:"looks"`
	Alpha      float64  `json:"alpha"`
	Power      *float64 `json:"power"`
	Harmed     *float64 `json:"harmed"` // the chance to ship although a guardrail is worse by its margin
	PlanFor    *float64 `json:"plan_for"`
	Draws      *int64   `json:"draws"`
	PowerError *float64 `json:"power_error"`
}

// Row is the weighed experiment as a row.
func (w Weighed) Row() WeighedRow {
	row := WeighedRow{Protocol: w.Experiment.Protocol.Name, Primary: w.Count(model.Primary), Secondary: w.Count(model.Secondary),
		Guardrails: w.Count(model.Guardrail), Variants: int64(len(w.Experiment.Variants)), TestPower: w.Power,
		Looks: int64(w.Odds.Looks), Alpha: w.Odds.Nothing.Ship}
	if w.Experiment.Name != "" {
		row.Experiment = &w.Experiment.Name
	}
	if w.Odds.PerTest > 0 {
		row.PlanFor = &w.Odds.PerTest
	}
	if w.Odds.Harmed != nil {
		row.Harmed = &w.Odds.Harmed.Ship
	}
	if asked := w.Odds.Asked; asked != nil {
		row.Power = &asked.Ship
		if asked.Draws > 0 {
			row.Draws, row.PowerError = ptr(int64(asked.Draws)), &asked.Error
		}
	}
	return row
}

// Count is the number of metrics of a role.
func (w Weighed) Count(role model.Role) int64 {
	var n int64
	for _, use := range w.Experiment.Metrics {
		if use.Role == role {
			n++
		}
	}
	return n
}
