package ask

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"assay/compiler/expr"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

const metricTime = "metric_time"

// A Group is a column the answer is grouped by, and what it is from each input's point of view.
type Group struct {
	Name     string
	Written  []string // as the query names it
	Refs     map[*Input]*model.Ref
	grain    rel.Unit // of a time that is truncated to a unit of time
	customOf rel.Unit // of the spine that knows the custom period a time lies in
}

// ByTimeOf reports whether the group is the time that an input's rows are counted by, or a part of it.
func (g *Group) ByTimeOf(in *Input) bool {
	ref := g.Refs[in]
	return ref != nil && in.Time != nil && len(ref.Path) == 0 && ref.Dimension == in.Time
}

func (g *Group) isMetricTime() bool { return strings.HasPrefix(g.Name, metricTime+"__") }

// groups resolves what a query is grouped by, and what its shifted formulas need besides.
func (q *questioner) groups(kpi *KPI, query Query) {
	inputs := kpi.Viewpoints()
	for _, text := range query.GroupBy {
		if g := q.group(text, inputs, kpi.timeGrain()); g != nil {
			kpi.addGroup(g, text)
		}
	}
	for _, metric := range kpi.Metrics {
		q.groupTerm(metric, metric.Term, kpi.Groups)
	}
}

// addGroup adds a group, once however often it is written.
func (k *KPI) addGroup(g *Group, text diag.Text) {
	i := slices.IndexFunc(k.Groups, func(known *Group) bool { return known.Name == g.Name })
	if i < 0 {
		i = len(k.Groups)
		k.Groups = append(k.Groups, g)
	}
	k.Groups[i].Written = append(k.Groups[i].Written, text.Value)
}

// group is what text names from each input's point of view; nil where a mistake was reported. A time that inputs know at different
// granularities is grouped by the coarsest, and metric_time without one by that of the metrics.
func (q *questioner) group(text diag.Text, inputs []*Input, timeGrain rel.Unit) *Group {
	g := &Group{Refs: map[*Input]*model.Ref{}}
	var coarsest *model.Ref
	for _, in := range inputs {
		ref := q.model.Ref(in.Table, in.Time, text, q.bag)
		if ref == nil {
			return nil
		}
		if ref.Default && isMetricTime(text) && timeGrain != rel.NoUnit {
			ref = ref.AtGrain(max(timeGrain, in.Time.Granularity))
		}
		if coarsest == nil || ref.Grain > coarsest.Grain {
			coarsest = ref
		}
		g.Refs[in] = ref
	}
	if coarsest == nil {
		return nil
	}
	for in, ref := range g.Refs {
		if ref.Grain != coarsest.Grain {
			g.Refs[in] = ref.AtGrain(coarsest.Grain)
		}
	}
	g.Name = coarsest.Name
	if coarsest.Custom != nil {
		g.customOf = coarsest.Custom.Spine.Grain
	} else {
		g.grain = coarsest.Grain
	}
	return g
}

// timeGrain is the granularity of metric_time where none is written: the metrics' own `time_granularity`, else that at which their
// rows are known but at least a day; of several the coarsest.
func (k *KPI) timeGrain() rel.Unit {
	grain := rel.NoUnit
	for _, metric := range k.Metrics {
		if declared := metric.Metric.Decl.TimeGranularity; declared.IsSet() {
			grain = max(grain, expr.Units[string(declared.V)])
			continue
		}
		grain = max(grain, rel.Day, finestGrain(Inputs(metric.Term)))
	}
	return grain
}

// finestGrain is the granularity at which all inputs know their time.
func finestGrain(inputs []*Input) rel.Unit {
	grain := rel.NoUnit
	for _, in := range inputs {
		if in.Time != nil {
			grain = max(grain, in.Time.Granularity)
		}
	}
	return grain
}

// groupTerm gives shifted formulas their groups, and asks that what looks back in time is grouped by it.
func (q *questioner) groupTerm(metric QueryMetric, t Term, groups []*Group) {
	switch t := t.(type) {
	case *Aggregate:
		byTime := slices.ContainsFunc(groups, func(g *Group) bool { return g.ByTimeOf(t.Input) })
		if t.Reach.needsTime() && !byTime {
			q.needTime(metric)
		}
	case *Shifted:
		if q.shiftedGroups(t, groups) && !slices.ContainsFunc(t.Groups, func(g *Group) bool { return g.wholeTimeOf(Viewpoint(t.Term)) }) {
			q.needTime(metric)
		}
		q.groupTerm(metric, t.Term, t.Groups)
	case *Quotient, *Formula, *Reaches, *Conversion, *Quantile, *Funnel, *Started:
		for _, part := range parts(t) {
			q.groupTerm(metric, part, groups)
		}
	}
}

func (q *questioner) needTime(metric QueryMetric) {
	q.bag.Add(diag.Diagnostic{Code: "needs-time", Span: metric.Metric.Decl.Name.Span,
		Message: fmt.Sprintf("`%s` looks back in time from each period, and the query has no periods", metric.Metric.Name),
		Hint:    "group it by metric_time"})
}

// wholeTimeOf reports whether the group is an input's time in a unit of time, by which periods can be moved.
func (g *Group) wholeTimeOf(in *Input) bool {
	return g.ByTimeOf(in) && g.Refs[in].Part == rel.NoPart && g.Refs[in].Custom == nil
}

// shiftedGroups adds to the groups what the filters read, and the period of the spine by which a custom one is moved; false where a
// mistake was reported.
func (q *questioner) shiftedGroups(s *Shifted, groups []*Group) bool {
	s.Groups = slices.Clone(groups)
	var customBases, read []string
	for _, g := range groups {
		if ref := g.Refs[Viewpoint(s.Term)]; g.ByTimeOf(Viewpoint(s.Term)) && ref.Custom != nil {
			customBases = append(customBases, ref.AtGrain(ref.Custom.Spine.Grain).Name)
		}
	}
	for _, p := range s.Where {
		for _, ref := range p.Refs {
			read = append(read, ref.Name)
		}
	}
	if !q.addGroups(s, customBases) {
		return false
	}
	s.Moved = len(s.Groups)
	return q.addGroups(s, read)
}

// addGroups adds to the groups of a shifted formula those of the names that it has not; false where a mistake was reported.
func (q *questioner) addGroups(s *Shifted, names []string) bool {
	for _, name := range names {
		if slices.ContainsFunc(s.Groups, func(g *Group) bool { return g.Name == name }) {
			continue
		}
		g := q.group(diag.PlainText(name), viewpoints(s.Term), rel.NoUnit)
		if g == nil {
			return false
		}
		s.Groups = append(s.Groups, g)
	}
	return true
}

// wholePeriods widens the time range to whole periods of the finest metric_time of the answer, as dbt does.
func (k *KPI) wholePeriods() {
	grain := k.rangeGrain()
	zone := k.Model.Zone
	if k.Start != nil {
		start := project.StartOfDay(periodStart(calendarDay(*k.Start, zone), grain), zone)
		k.Start = &start
	}
	if k.End != nil {
		end := project.StartOfDay(nextPeriod(periodStart(calendarDay(*k.End, zone), grain), grain).AddDate(0, 0, -1), zone)
		k.End = &end
	}
}

// rangeGrain is the finest unit of metric_time in the answer, else that of which its custom periods are made, else the metrics' own.
func (k *KPI) rangeGrain() rel.Unit {
	grain, customOf := rel.NoUnit, rel.NoUnit
	for _, g := range k.Groups {
		if g.isMetricTime() {
			grain, customOf = finerUnit(grain, g.grain), finerUnit(customOf, g.customOf)
		}
	}
	return cmp.Or(grain, customOf, k.timeGrain())
}

// finerUnit is the finer of two units, of which either may be none.
func finerUnit(a, b rel.Unit) rel.Unit {
	if a == rel.NoUnit || b == rel.NoUnit {
		return max(a, b)
	}
	return min(a, b)
}

// calendarDay is the day that an instant lies in, as a date.
func calendarDay(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// periodStart is the first day of the period that a day lies in; grains finer than a day leave it as it is.
func periodStart(day time.Time, grain rel.Unit) time.Time {
	y, m, d := day.Date()
	switch grain {
	case rel.Week:
		d -= (int(day.Weekday()) + 6) % 7
	case rel.Month:
		d = 1
	case rel.Quarter:
		m, d = m-(m-1)%3, 1
	case rel.Year:
		m, d = time.January, 1
	}
	return time.Date(y, m, d, 0, 0, 0, 0, day.Location())
}

func nextPeriod(start time.Time, grain rel.Unit) time.Time {
	switch grain {
	case rel.Week:
		return start.AddDate(0, 0, 7)
	case rel.Month:
		return start.AddDate(0, 1, 0)
	case rel.Quarter:
		return start.AddDate(0, 3, 0)
	case rel.Year:
		return start.AddDate(1, 0, 0)
	default:
		return start.AddDate(0, 0, 1)
	}
}
