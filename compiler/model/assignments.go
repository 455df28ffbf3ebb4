package model

import (
	"fmt"
	"slices"
	"time"

	"assay/compiler/expr"
	"assay/compiler/project"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// buildLogs resolves the assignments. They may stand on a model's rows, or alone on a table of their own.
func (b *builder) buildLogs() {
	b.logs = map[string]*Log{}
	for _, decl := range b.Project.Assignments {
		if b.logs[decl.Name.V] != nil {
			continue // reading has reported the second
		}
		if l := b.log(decl); l != nil {
			b.logs[decl.Name.V] = l
		}
	}
}

func (b *builder) log(decl *project.Assignments) *Log {
	t, known := b.logTable(decl), b.checkLogEntity(decl)
	if t == nil || !known {
		return nil
	}
	l := &Log{Decl: decl, Table: t, Unit: b.logColumn(t, decl.Unit), Variant: b.logColumn(t, decl.Variant)}
	if decl.Time.IsSet() {
		l.Time = b.logTime(l, decl.Time)
	}
	if decl.Experiment.IsSet() {
		l.Experiment = b.logColumn(t, decl.Experiment)
	}
	if decl.Cluster.IsSet() {
		l.Cluster = b.logColumn(t, decl.Cluster)
	}
	if decl.Stratum.IsSet() {
		l.Stratum = b.logColumn(t, decl.Stratum)
	}
	for _, name := range decl.Dimensions {
		l.Dimensions = append(l.Dimensions, rel.Named{Name: name.V, X: b.logColumn(t, name)})
	}
	return l
}

// logTable is the table of a log's rows, which its filter has passed.
func (b *builder) logTable(decl *project.Assignments) *Table {
	if name := decl.Source.Model; name.IsSet() {
		t := b.tables[name.V]
		if t == nil {
			b.missing(codeModel, "model", name, b.tableNames())
			return nil
		}
		return b.filtered(t, decl.Filter)
	}
	t := &Table{Name: decl.Name.V, Source: b.source(decl.Source), Zone: zoneOr(decl.Timezone, time.UTC)}
	if catalog := b.Project.Catalog; catalog != nil && catalog.Assignments[t.Name] != nil {
		t.setColumns(catalog.Assignments[t.Name], !catalog.Open)
	}
	return b.filtered(t, decl.Filter)
}

// filtered is the table with one more filter, which reads its rows alone.
func (b *builder) filtered(t *Table, text diag.Text) *Table { return narrowed(t, b.rowFilter(t, text)) }

// logColumn is a column of the log; in a log on a model's rows, first a dimension of the model.
func (b *builder) logColumn(t *Table, name project.Name) rel.Expr {
	return b.rows(t).Name(name.V, false, name.Span)
}

func (b *builder) logTime(l *Log, name project.Name) rel.Expr {
	x := bare(b.logColumn(l.Table, name))
	l.DayGrain = x.Type() == rel.Date
	if d := l.Table.dimension(name.V); d != nil && d.Type == project.Time {
		l.DayGrain = d.Granularity >= rel.Day
	}
	if !slices.Contains(temporal, x.Type()) {
		b.bag.Add(diag.Diagnostic{Code: codeType, Span: name.Span,
			Message: fmt.Sprintf("the time of an assignment is a date or timestamp, and `%s` is %s", name.V, x.Type()),
			Hint:    "convert it in a `sql:` source"})
		return expr.Unresolved(name.Span)
	}
	return x
}

// checkLogEntity asks that something be known of the units, and reports whether it is.
func (b *builder) checkLogEntity(decl *project.Assignments) bool {
	known := b.entityNames()
	if !decl.Entity.IsSet() {
		return false // reading has reported it
	}
	if !slices.Contains(known, decl.Entity.V) {
		b.missing(codeEntity, "entity", decl.Entity, known)
		return false
	}
	return true
}
