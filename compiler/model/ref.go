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

// metricTime is dbt's name of whatever time a metric is counted by.
const metricTime = "metric_time"

// A propertyName is entity__entity__element__grain, taken apart.
type propertyName struct {
	path        []string
	element     string
	grain, part diag.Text // zero: none written
	metric      *MetricOf // whose value is read for the entity; nil: none
	at          diag.Span
}

func (n propertyName) String() string {
	return strings.Join(append(slices.Clone(n.path), n.element), "__")
}

func (n propertyName) isMetricTime() bool { return n.element == metricTime && len(n.path) == 0 }

// readName takes user__plan, metric_time__week or a call such as TimeDimension('metric_time', 'week') apart; ok is false where
// a mistake was reported.
func (m *Model) readName(text diag.Text, bag *diag.Bag) (n propertyName, ok bool) {
	if strings.Contains(text.Value, "(") {
		p, ok := expr.ParseProperty(text, bag)
		if !ok {
			return propertyName{}, false
		}
		return m.readProperty(p, bag)
	}
	return m.splitName(text), true
}

// readProperty takes a call apart; its path may stand in the name or in entity_path.
func (m *Model) readProperty(p *expr.Property, bag *diag.Bag) (propertyName, bool) {
	name := p.Name
	if p.Kind == expr.MetricValue {
		if len(p.GroupBy) != 1 {
			bag.Add(diag.Diagnostic{Code: codeMetric, Span: p.Span, Message: "a metric in a filter is the value for one entity",
				Hint: fmt.Sprintf("Metric('%s', group_by=['entity'])", p.Name.Value)})
			return propertyName{}, false
		}
		name = p.GroupBy[0]
	}
	n := m.splitName(name)
	if p.Kind == expr.MetricValue {
		n.metric = &MetricOf{Name: p.Name, By: name}
	}
	for _, e := range slices.Backward(p.EntityPath) {
		n.path = append([]string{e.Value}, n.path...)
	}
	if !p.Grain.IsZero() {
		n.grain = p.Grain
	}
	n.part = p.Part
	return n, true
}

func (m *Model) splitName(text diag.Text) propertyName {
	n := propertyName{at: text.Span}
	parts := strings.Split(strings.TrimSpace(text.Value), "__")
	if last := parts[len(parts)-1]; len(parts) > 1 && m.isGrain(last) {
		end := strings.LastIndex(text.Value, last)
		n.grain = text.Slice(end, end+len(last))
		parts = parts[:len(parts)-1]
	}
	n.path, n.element = parts[:len(parts)-1], parts[len(parts)-1]
	return n
}

func (m *Model) isGrain(name string) bool {
	_, custom := m.customGrain(name)
	return custom || expr.Units[strings.ToLower(name)] != rel.NoUnit
}

// Ref resolves a property name such as user__plan or metric_time__week from the point of view of a simple metric's table, whose
// metric_time is time.
func (m *Model) Ref(t *Table, time *Dimension, text diag.Text, bag *diag.Bag) *Ref {
	n, ok := m.readName(text, bag)
	if !ok {
		return nil
	}
	return m.factRef(t, time, n, bag)
}

// factRef resolves a property of a fact. One that changes over time is read at the fact's.
func (m *Model) factRef(t *Table, time *Dimension, n propertyName, bag *diag.Bag) *Ref {
	r := m.ref(t, time, n, bag)
	if r == nil || time != nil || !changes(r.Path) {
		return r
	}
	bag.Add(diag.Diagnostic{Code: codeValidity, Span: n.at, Hint: "give the model an `agg_time_dimension:`",
		Message: fmt.Sprintf("`%s` changes over time, and the rows of `%s` have no time to read it at", n, t.Name)})
	return nil
}

// changes reports whether where a way leads depends on the moment.
func changes(hops []Hop) bool {
	return slices.ContainsFunc(hops, func(h Hop) bool { return h.To.Type == project.Natural })
}

// ref is nil where a mistake was reported.
func (m *Model) ref(t *Table, time *Dimension, n propertyName, bag *diag.Bag) *Ref {
	if n.metric != nil && len(m.found(t, n.path, n.element)) == 0 {
		n.path = nil // the path is one from the metric's own rows
	}
	way, ok := m.way(t, time, n, bag)
	if !ok {
		return nil
	}
	r := &Ref{Name: n.fullName(way), Path: way.hops, Dimension: way.dimension, Entity: way.entity, Metric: n.metric}
	if n.metric != nil {
		return r.asMetric(n, bag)
	}
	if !m.setGrain(r, n, bag) {
		return nil
	}
	return r.asColumn(t)
}

// fullName is the name with all the entities on the way that was found; a bare name stays so.
func (n propertyName) fullName(way reach) string {
	if len(n.path) == 0 || len(way.hops) <= len(n.path) {
		return n.String()
	}
	return spelling(way.hops, n.element)
}

// asMetric makes the entity that was found the key by which a metric's value is read.
func (r *Ref) asMetric(n propertyName, bag *diag.Bag) *Ref {
	if r.Entity == nil {
		bag.Add(diag.Diagnostic{Code: codeEntity, Span: n.at, Message: fmt.Sprintf("`%s` is no entity", n),
			Hint: "a metric in a filter is grouped by an entity"})
		return nil
	}
	r.Name += "__" + n.metric.Name.Value
	r.Column = r.Name
	return r
}

// asColumn gives the property a column from the table's point of view: one of its name, unless the table has one that is another
// thing.
func (r *Ref) asColumn(t *Table) *Ref {
	r.Column = r.Name
	for slices.ContainsFunc(t.Columns, func(c rel.Column) bool { return c.Name == r.Column }) && !r.isColumn(r.Column) {
		r.Column += "_"
	}
	return r
}

// isColumn reports whether the property is the table's own column of that name, as it is stored.
func (r *Ref) isColumn(name string) bool {
	if len(r.Path) > 0 || r.Grain != rel.NoUnit || r.Part != rel.NoPart {
		return false
	}
	column, ok := r.expr().(*rel.Col)
	return ok && column.Name == name
}

func (m *Model) way(t *Table, time *Dimension, n propertyName, bag *diag.Bag) (reach, bool) {
	if n.isMetricTime() {
		if time == nil {
			bag.Add(diag.Diagnostic{Code: codeDimension, Span: n.at, Message: fmt.Sprintf("the rows of `%s` have no time", t.Name),
				Hint: "give the model an `agg_time_dimension:`"})
		}
		return reach{dimension: time}, time != nil
	}
	ways := shortest(m.found(t, n.path, n.element))
	switch len(ways) {
	case 0:
		if !m.incomplete() {
			bag.Add(m.lost(t, n))
		}
		return reach{}, false
	case 1:
		return ways[0], true
	}
	bag.Add(ambiguous(t, n, ways))
	return reach{}, false
}

// shortest are the ways over the fewest tables.
func shortest(ways []reach) []reach {
	fewest := maxHops
	for _, w := range ways {
		fewest = min(fewest, len(w.hops))
	}
	return slices.DeleteFunc(ways, func(w reach) bool { return len(w.hops) > fewest })
}

func ambiguous(t *Table, n propertyName, ways []reach) diag.Diagnostic {
	var list, spellings []string
	for _, w := range ways {
		list = append(list, describe(t, w.hops, n.element))
		if s := spelling(w.hops, n.element); !slices.Contains(spellings, s) {
			spellings = append(spellings, s)
		}
	}
	hint := "give one of the dimensions another name"
	if len(spellings) > 1 {
		hint = "spell the entities on the way: " + strings.Join(spellings, " or ")
	}
	return diag.Diagnostic{Code: codePath, Span: n.at, Hint: hint,
		Message: fmt.Sprintf("`%s` is ambiguous: %s", n, strings.Join(list, "; "))}
}

// spelling is the name that says each entity on the way.
func spelling(hops []Hop, element string) string {
	var b strings.Builder
	for _, h := range hops {
		b.WriteString(h.From.Name + "__")
	}
	return b.String() + element
}

// setGrain truncates a time: to what is asked for, else to its own granularity, of metric_time at least the day, as dbt does.
func (m *Model) setGrain(r *Ref, n propertyName, bag *diag.Bag) bool {
	if r.Dimension == nil || r.Dimension.Type != project.Time {
		if at, asked := n.grain, !n.grain.IsZero() || !n.part.IsZero(); asked {
			bag.Errorf(at.Span.Join(n.part.Span), codeGrain, "`%s` is not a time: it has no grain and no parts", n)
			return false
		}
		return true
	}
	if !n.part.IsZero() {
		return r.setPart(n, bag)
	}
	r.Grain, r.Default = r.Dimension.Granularity, n.grain.IsZero()
	if r.Grain == rel.NoUnit || n.isMetricTime() {
		r.Grain = max(rel.Day, r.Grain)
	}
	if !r.Default && !m.setUnit(r, n, bag) {
		return false
	}
	r.Name += "__" + r.grainName()
	return true
}

func (r *Ref) grainName() string {
	if r.Custom != nil {
		return r.Custom.Name
	}
	return r.Grain.String()
}

// AtGrain is the property truncated to a coarser unit of time.
func (r *Ref) AtGrain(grain rel.Unit) *Ref {
	at := *r
	at.Name = strings.TrimSuffix(r.Name, "__"+r.grainName()) + "__" + grain.String()
	at.Column = at.Name
	at.Grain, at.Custom = grain, nil
	return &at
}

func (m *Model) setUnit(r *Ref, n propertyName, bag *diag.Bag) bool {
	unit, ok := expr.Units[strings.ToLower(n.grain.Value)]
	custom, isCustom := m.customGrain(n.grain.Value)
	if isCustom && !ok {
		r.Custom, unit = custom, custom.Spine.Grain
	}
	switch {
	case !ok && !isCustom:
		bag.Add(unknown(codeGrain, "unit of time", n.grain.Value, n.grain.Span, m.grainNames()))
		return false
	case unit < r.Dimension.Granularity:
		bag.Add(diag.Diagnostic{Code: codeGrain, Span: n.grain.Span,
			Message: fmt.Sprintf("`%s` is known by %s, which is coarser than %s", r.Dimension.Name, r.Dimension.Granularity, unit),
			Notes:   []diag.Note{{Message: "declared here", Span: r.Dimension.Decl.Name.Span}}})
		return false
	}
	r.Grain = unit
	return true
}

func unitNames() []string {
	var names []string
	for u := rel.Second; u <= rel.Year; u++ {
		names = append(names, u.String())
	}
	return names
}

// dateParts are dbt's; the week starts on Monday, so dow is 1 to 7.
var dateParts = map[string]rel.Part{
	"year": rel.PartYear, "quarter": rel.PartQuarter, "month": rel.PartMonth, "day": rel.PartDay, "dow": rel.PartDayOfWeek,
	"doy": rel.PartDayOfYear,
}

func (r *Ref) setPart(n propertyName, bag *diag.Bag) bool {
	part, ok := dateParts[strings.ToLower(n.part.Value)]
	if !ok {
		bag.Add(unknown(codeGrain, "part of a date", n.part.Value, n.part.Span, slices.Collect(maps.Keys(dateParts))))
		return false
	}
	r.Part = part
	r.Name += "__extract_" + strings.ToLower(n.part.Value)
	return true
}

// expr is the property as its table stores it.
func (r *Ref) expr() rel.Expr {
	if r.Entity != nil {
		return r.Entity.Expr
	}
	return r.Dimension.Expr
}

// Type of the column a property becomes.
func (r *Ref) Type() rel.Type {
	switch {
	case r.Metric != nil:
		return rel.Unknown
	case r.Part != rel.NoPart:
		return rel.Integer
	case r.Custom != nil:
		return r.Custom.Column.Type()
	case r.Entity != nil || r.Grain == rel.NoUnit:
		return r.expr().Type()
	case r.Dimension.Expr.Type() == rel.Date:
		return rel.Date
	default:
		return rel.Timestamp
	}
}
