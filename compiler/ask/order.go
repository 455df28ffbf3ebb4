package ask

import (
	"fmt"
	"slices"
	"strings"

	"assay/compiler/expr"
	"assay/internal/diag"
)

// order is a column of the answer, as the query wrote it or as it is called; -name is descending, and so is a call that says so.
func (q *questioner) order(k *KPI, text diag.Text) Order {
	before := q.bag.Errors()
	name, desc := strings.CutPrefix(text.Value, "-")
	if strings.Contains(name, "(") {
		call, ok := expr.ParseProperty(diag.NewText(name, text.Span, nil), q.bag)
		if !ok {
			return Order{}
		}
		desc = desc || call.Descending
		name = q.calledColumn(k, call, name)
	}
	var columns []string
	for _, g := range k.Groups {
		columns = append(columns, g.Name)
	}
	name = k.groupNamed(name)
	for _, metric := range k.Metrics {
		columns = append(columns, metric.Metric.Name)
	}
	if !slices.Contains(columns, name) && q.bag.Errors() == before {
		q.bag.Add(diag.Diagnostic{Code: "unknown-column", Span: text.Span, Message: fmt.Sprintf("the answer has no column `%s`", name),
			Hint: orderHint(name, columns)})
	}
	return Order{Column: name, Desc: desc}
}

func orderHint(name string, columns []string) string {
	if column, word, _ := strings.Cut(name, " "); strings.EqualFold(word, "desc") {
		return fmt.Sprintf("-%s sorts downwards", column)
	}
	if near, ok := diag.Nearest(name, columns); ok {
		return fmt.Sprintf("did you mean `%s`?", near)
	}
	return "its columns: " + strings.Join(columns, ", ")
}

// groupNamed is the group that a name means: as it is written in the query, else the one time it is without its grain, else the name
// itself.
func (k *KPI) groupNamed(name string) string {
	var ofTime []string
	for _, g := range k.Groups {
		switch {
		case g.Name == name:
			return name
		case slices.Contains(g.Written, name):
			return g.Name
		case strings.HasPrefix(g.Name, name+"__"):
			ofTime = append(ofTime, g.Name)
		}
	}
	if len(ofTime) == 1 {
		return ofTime[0]
	}
	return name
}

// calledColumn is the column that a call names: a metric's, or that of the property it is.
func (q *questioner) calledColumn(k *KPI, call *expr.Property, written string) string {
	if call.Kind == expr.MetricValue {
		return call.Name.Value
	}
	inputs := k.Viewpoints()
	if len(inputs) == 0 {
		return written
	}
	if g := q.group(diag.PlainText(written), inputs, k.timeGrain()); g != nil {
		return g.Name
	}
	return written
}
