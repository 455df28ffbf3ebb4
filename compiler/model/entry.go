package model

import (
	"fmt"
	"slices"
	"time"

	"assay/compiler/expr"
	"assay/compiler/rel"
	"assay/internal/diag"
)

// Everyone is the one variant of a rehearsal.
const Everyone = "everyone"

// entry is who would enter an experiment, as a log: the rows of a model, each an exposure of its unit. Nil where there is none, or
// it has a mistake.
func (b *builder) entry(e *Experiment) *Log {
	fact := b.unitFact(e, e.Decl.Entry)
	if fact == nil {
		return nil
	}
	hops, unit, _ := b.UnitPath(fact.Table, e.Entity)
	log := &Log{
		Table: narrowed(fact.Table, fact.Filter), Moment: fact.Time, Unit: unit.Expr, Time: fact.Time.Expr,
		DayGrain: fact.Time.Granularity >= rel.Day, Variant: rel.String(Everyone),
	}
	if len(hops) > 0 {
		log.Reach = &Ref{Column: "entry_" + e.Entity, Path: hops, Entity: unit}
	}
	b.fillEntry(e, log)
	return log
}

// narrowed is the table with one more filter; the table itself where there is none.
func narrowed(t *Table, p *Predicate) *Table {
	if p == nil {
		return t
	}
	few := *t
	few.Filter = p
	if t.Filter != nil {
		few.Filter = &Predicate{Expr: rel.AndAll(t.Filter.Expr, p.Expr), Refs: append(slices.Clip(t.Filter.Refs), p.Refs...)}
	}
	return &few
}

// fillEntry gives the log of entries what the assignments know of a unit and nobody has who has not been assigned yet: what the
// population asks of them, and the cluster. The model's dimensions and columns of the same names stand for them.
func (b *builder) fillEntry(e *Experiment, log *Log) {
	if e.Clustered() {
		cluster := e.Logs[0].Decl.Cluster
		log.Cluster = b.standIn(e, log, cluster.V, "the clusters are", cluster.Span)
	}
	if e.Population == nil {
		return
	}
	rel.Walk(e.Population.Expr, func(x rel.Expr) bool {
		col, ok := x.(*rel.Col)
		if ok && !slices.ContainsFunc(e.Population.Refs, func(r *Ref) bool { return r.Column == col.Name }) {
			stand := b.standIn(e, log, col.Name, "the population asks for", col.At)
			log.Dimensions = append(log.Dimensions, rel.Named{Name: col.Name, X: stand})
		}
		return true
	})
}

// standIn is what the entry's model has under a name of the assignments.
func (b *builder) standIn(e *Experiment, log *Log, name, asked string, at diag.Span) rel.Expr {
	if slices.Contains(log.Table.names(), name) {
		return b.rows(log.Table).Name(name, false, at)
	}
	b.bag.Add(diag.Diagnostic{Code: codeDimension, Span: e.Decl.Entry.Model.Span,
		Message: fmt.Sprintf("%s `%s` of the assignments, and `%s` has nothing of that name", asked, name, log.Table.Name),
		Hint:    fmt.Sprintf("give the model a dimension `%s`", name),
		Notes:   []diag.Note{{Message: "asked for here", Span: at}}})
	return expr.Unresolved(at)
}

// Entrants are the logs of whoever would enter if the experiment ran: the rows of `entry`, else its assignments, whichever
// experiment and variant they are of. Logs without times are left out: they do not tell when anyone came.
func (e *Experiment) Entrants() []*Log {
	if e.Entry != nil {
		return []*Log{e.Entry}
	}
	var logs []*Log
	for _, l := range e.Logs {
		if l.Time != nil {
			everyone := *l
			everyone.Experiment, everyone.Variant = nil, rel.String(Everyone)
			logs = append(logs, &everyone)
		}
	}
	return logs
}

// Rehearsals are the experiment as it would have gone had it begun at each of the starts and still run: the same metrics under the
// same settings, over whoever would have entered, all in one arm. Phases begin as long after the start as they are to.
func (e *Experiment) Rehearsals(starts []time.Time) []*Experiment {
	logs := e.Entrants()
	all := make([]*Experiment, len(starts))
	for i, start := range starts {
		rehearsal := *e
		rehearsal.Rehearses = e
		rehearsal.Name = fmt.Sprintf("%s from %s", e.Name, start.Format(time.RFC3339))
		rehearsal.Logs, rehearsal.Exposures, rehearsal.Dimensions = logs, FirstExposure, nil
		rehearsal.Start, rehearsal.End, rehearsal.ObserveUntil = start, time.Time{}, time.Time{}
		rehearsal.Variants = []Variant{{Name: Everyone, Label: Everyone, Value: Everyone, Share: 1}}
		rehearsal.Control, rehearsal.Controls = Everyone, nil
		rehearsal.Phases = slices.Clone(e.Phases)
		for p := range rehearsal.Phases {
			rehearsal.Phases[p].From = start.Add(e.Phases[p].From.Sub(e.Phases[0].From))
		}
		all[i] = &rehearsal
	}
	return all
}
