package ask

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/model"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// Values says which rows a query without metrics returns.
type Values uint8

const (
	Distinct Values = iota // each group once
	Every                  // a row for each row
	Extremes               // one row: the lowest and the highest value of the one group
)

// A Listing is what a query without metrics asks: the groups there are. Refs are those of the query's groups, from the point of view
// of Table, or, where they are of metric_time, of the spine.
type Listing struct {
	Values Values
	Table  *model.Table // nil: just periods
	Spine  *model.Spine // nil: no metric_time
	Refs   []*model.Ref
	Where  []*model.Predicate
	ByTime map[*model.Ref]bool // those of metric_time
	// Metrics are the queries behind the metrics that filters read, by the name of the property.
	Metrics map[string]*KPI

	time *model.Dimension // metric_time: the spine's column
}

// listing resolves a query without metrics: the table is the one that reaches all that is asked for by the fewest joins.
func (q *questioner) listing(kpi *KPI, query Query) *Listing {
	l := &Listing{Values: query.Values, ByTime: map[*model.Ref]bool{}}
	texts := slices.DeleteFunc(slices.Clone(query.GroupBy), isMetricTime)
	if len(texts) < len(query.GroupBy) || query.Start != nil || query.End != nil || slices.ContainsFunc(query.Where, mentionsTime) {
		if l.Spine = q.spineFor(query); l.Spine == nil {
			return nil
		}
		l.time = spineTime(l.Spine)
	}
	if filters := l.ofTable(q, query.Where); len(texts) > 0 || len(filters) > 0 || l.Spine == nil {
		if l.Table = q.listingTable(l, texts, filters); l.Table == nil {
			return nil
		}
	}
	for _, text := range query.GroupBy {
		ref := l.ref(q, text)
		if ref == nil {
			return nil
		}
		kpi.addGroup(&Group{Name: ref.Name, grain: ref.Grain, Refs: map[*Input]*model.Ref{}}, text)
		if len(kpi.Groups) > len(l.Refs) {
			l.Refs = append(l.Refs, ref)
		}
	}
	var read []*model.Ref
	for _, text := range query.Where {
		if p := l.filter(q, l.rowTable(), text, q.bag); p != nil {
			l.Where = append(l.Where, p)
			read = append(read, p.Refs...)
			l.noteTime(p.Refs)
		}
	}
	l.Metrics = q.readMetrics(read)
	if query.Values == Extremes && len(l.Refs) != 1 {
		q.bag.Errorf(diag.Span{}, "values", "the lowest and highest value are of one dimension, and the query has %d", len(l.Refs))
	}
	return l
}

func isMetricTime(text diag.Text) bool {
	return text.Value == metricTime || strings.HasPrefix(text.Value, metricTime+"__") || strings.Contains(text.Value, "'"+metricTime+"'")
}

// rowTable is the table whose rows are listed: the spine's where there is no other.
func (l *Listing) rowTable() *model.Table {
	if l.Table == nil {
		return l.Spine.Table
	}
	return l.Table
}

// ofTable are the filters that read more than metric_time.
func (l *Listing) ofTable(q *questioner, filters []diag.Text) []diag.Text {
	return slices.DeleteFunc(slices.Clone(filters), func(text diag.Text) bool {
		return mentionsTime(text) && l.filter(q, l.Spine.Table, text, &diag.Bag{}) != nil
	})
}

func mentionsTime(text diag.Text) bool { return strings.Contains(text.Value, metricTime) }

// spineFor is the coarsest spine that knows the metric_time asked for.
func (q *questioner) spineFor(query Query) *model.Spine {
	finest := rel.Day
	for _, text := range slices.Concat(query.GroupBy, query.Where) {
		for _, s := range q.model.Spines {
			if s.Grain < finest && isMetricTime(text) && strings.Contains(strings.ToLower(text.Value), s.Grain.String()) {
				finest = s.Grain
			}
		}
	}
	spine := q.model.SpineFor(finest)
	if spine == nil {
		q.bag.Add(diag.Diagnostic{Code: "needs-time", Span: query.GroupBy[0].Span,
			Message: "without metrics, metric_time is every period of a time spine, and the project has none",
			Hint:    "add a metric, or declare a model with `time_spine:`"})
	}
	return spine
}

// spineTime is the spine's column as a time dimension.
func spineTime(s *model.Spine) *model.Dimension {
	return &model.Dimension{Name: metricTime, Table: s.Table, Type: project.Time, Expr: s.Column, Granularity: s.Grain,
		Decl: &project.Dimension{}}
}

// listingTable is the table from which all is reached by the fewest joins, of several the one of which there is the least to ask, as in
// dbt; nil where none does, which is reported.
func (q *questioner) listingTable(l *Listing, groups, filters []diag.Text) *model.Table {
	var best *model.Table
	fewest := 0
	for _, t := range q.model.Tables {
		joins, ok := q.joins(l, t, groups, filters)
		if ok && (best == nil || joins < fewest || joins == fewest && breadth(t) < breadth(best)) {
			best, fewest = t, joins
		}
	}
	if best == nil {
		names := make([]string, len(groups))
		for i, g := range groups {
			names[i] = g.Value
		}
		at := diag.Span{}
		if len(groups) > 0 {
			at = groups[0].Span
		}
		q.bag.Add(diag.Diagnostic{Code: "path", Span: at,
			Message: fmt.Sprintf("no model reaches all of %s", strings.Join(names, ", ")),
			Hint:    "a model has to hold one of them itself, such as `order__status`: ask for fewer at a time, or with a metric"})
	}
	return best
}

// breadth counts what queries can name of a table: its properties, a time at each grain and by each part, with and without each of the
// entities that they may be named by.
func breadth(t *model.Table) int {
	names, prefixes := len(t.Entities), 1
	for _, d := range t.Dimensions {
		names++
		if d.Type == project.Time {
			names += 2 * int(rel.Year-max(d.Granularity, rel.Second))
		}
	}
	for _, e := range t.Entities {
		if e.Type != project.Foreign {
			prefixes++
		}
	}
	if t.PrimaryEntity != "" && !slices.ContainsFunc(t.Entities, func(e *model.Entity) bool { return e.Name == t.PrimaryEntity }) {
		prefixes++
	}
	return names * prefixes
}

// joins counts the tables that are joined to t for what is asked; false where t does not reach it, or holds none of it itself.
func (q *questioner) joins(l *Listing, t *model.Table, groups, filters []diag.Text) (int, bool) {
	quiet := &diag.Bag{}
	hops := map[model.Hop]bool{}
	own := false
	note := func(refs ...*model.Ref) bool {
		for _, r := range refs {
			if r == nil {
				return false
			}
			own = own || len(r.Path) == 0 && (l.time == nil || r.Dimension != l.time)
			for _, h := range r.Path {
				hops[h] = true
			}
		}
		return true
	}
	for _, text := range groups {
		if !note(q.model.Ref(t, t.Time, text, quiet)) {
			return 0, false
		}
	}
	for _, text := range filters {
		p := l.filter(q, t, text, quiet)
		if p == nil || !note(p.Refs...) {
			return 0, false
		}
	}
	return len(hops), own
}

func (l *Listing) ref(q *questioner, text diag.Text) *model.Ref {
	if !isMetricTime(text) {
		return q.model.Ref(l.Table, l.Table.Time, text, q.bag)
	}
	ref := q.model.Ref(l.Spine.Table, l.time, text, q.bag)
	if ref != nil {
		l.noteTime([]*model.Ref{ref})
	}
	return ref
}

// noteTime notes which properties are of metric_time.
func (l *Listing) noteTime(refs []*model.Ref) {
	for _, ref := range refs {
		l.ByTime[ref] = l.time != nil && ref.Dimension == l.time
	}
}

// filter reads a condition on a table's rows, metric_time from the spine.
func (l *Listing) filter(q *questioner, t *model.Table, text diag.Text, bag *diag.Bag) *model.Predicate {
	if mentionsTime(text) {
		return q.model.FilterAt(t, l.time, text, bag)
	}
	return q.model.Filter(t, text, bag)
}
