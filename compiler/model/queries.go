package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"assay/compiler/expr"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// checkQueries reads the saved queries from the point of view of each simple metric they ask for.
func (b *builder) checkQueries() {
	all := b.bag
	for _, q := range b.Project.SavedQueries {
		b.bag = &diag.Bag{}
		b.checkQuery(q)
		if !b.bag.HasErrors() {
			b.Queries = append(b.Queries, q)
		}
		told := slices.CompactFunc(b.bag.Sorted(), func(a, b diag.Diagnostic) bool { return a.Span == b.Span && a.Code == b.Code })
		for _, d := range told { // what several of its metrics lack is one mistake of the query
			d.Notes = append(d.Notes, diag.Note{Message: fmt.Sprintf("asked by the saved query `%s`", q.Name.V), Span: q.Name.Span})
			all.Add(d)
		}
	}
	b.bag = all
}

func (b *builder) checkQuery(q *project.SavedQuery) {
	columns := map[string]bool{}
	if len(q.Metrics) == 0 {
		b.checkListed(q, columns)
	}
	whole := true
	for _, name := range q.Metrics {
		columns[name.V] = true
		p, declared := b.pending[name.V]
		switch {
		case !declared:
			b.missing(codeMetric, "metric", name, b.metricNames(""))
		case p.done != nil:
			b.checkAsked(q, name, p.done, columns)
		}
		whole = whole && declared && p.done != nil
	}
	if whole {
		b.checkOrder(q, columns)
	}
}

// checkListed looks up what a query without metrics lists the values of, which is some table's, and notes the columns it gets.
func (b *builder) checkListed(q *project.SavedQuery, columns map[string]bool) {
	for _, text := range q.GroupBy {
		columns[text.Value] = true
		if r := b.refOfAny(text); r != nil {
			columns[r.Name] = true
			continue
		}
		var names []string
		for _, p := range b.Properties() {
			names = append(names, p.Name)
		}
		b.bag.Add(diag.Diagnostic{Code: codeDimension, Span: text.Span, Message: fmt.Sprintf("no model has `%s`", text.Value),
			Hint: diag.Suggest(text.Value, names)})
	}
}

// refOfAny is what some table knows by a name; nil where none does.
func (b *builder) refOfAny(text diag.Text) *Ref {
	for _, t := range b.Tables {
		time := t.Time
		if t.Decl.TimeSpine != nil {
			time = &Dimension{Name: metricTime, Table: t, Type: project.Time, Granularity: rel.Day, Decl: &project.Dimension{}}
		}
		if r := b.Ref(t, time, text, &diag.Bag{}); r != nil {
			return r
		}
	}
	return nil
}

// checkAsked looks up what a query groups and filters by, and notes the columns it gets.
func (b *builder) checkAsked(q *project.SavedQuery, name project.Name, m *Metric, columns map[string]bool) {
	if t, mend := Clockless(m); t != nil {
		b.bag.Add(diag.Diagnostic{Code: codeMetric, Span: name.Span,
			Message: fmt.Sprintf("`%s` has a value for each unit of an experiment, and none in a query", t.Name),
			Hint:    mend,
			Notes:   []diag.Note{{Message: fmt.Sprintf("the %s is declared here", t.Decl.Type.V), Span: t.Decl.Name.Span}}})
	}
	for _, s := range Viewpoints(m) {
		for _, text := range q.GroupBy {
			columns[text.Value] = true
			if r := b.Ref(s.Table, s.Time, text, b.bag); r != nil {
				columns[r.Name] = true
			}
		}
		for _, text := range q.Where {
			b.FilterOf(s, text, b.bag)
		}
	}
}

// checkOrder looks up the columns that a query sorts by: metrics, and what it groups by as written or as it is called.
func (b *builder) checkOrder(q *project.SavedQuery, columns map[string]bool) {
	for _, text := range q.OrderBy {
		name := b.orderColumn(text)
		if columns[name] {
			continue
		}
		b.bag.Add(diag.Diagnostic{Code: codeMetric, Span: text.Span,
			Message: fmt.Sprintf("the query has no column `%s` to sort by", name),
			Hint:    diag.Suggest(name, slices.Collect(maps.Keys(columns)))})
	}
}

// orderColumn is the column that a text sorts by, without its direction: a metric's name, or the text without -, or a call as it is
// written where the query groups by it.
func (b *builder) orderColumn(text diag.Text) string {
	name := strings.TrimPrefix(text.Value, "-")
	if !strings.Contains(name, "(") {
		return name
	}
	call, ok := expr.ParseProperty(diag.NewText(name, text.Span, nil), b.bag)
	if ok && call.Kind == expr.MetricValue {
		return call.Name.Value
	}
	name, _, _ = strings.Cut(name, ".descending(")
	return name
}
