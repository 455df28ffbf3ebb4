package project

import (
	"fmt"

	"assay/internal/diag"
)

func (d *decoder) savedQuery(e entry) {
	q := &SavedQuery{Span: d.span(e)}
	enabled := Value[bool]{V: true}
	if !d.mapping(e, "saved query", append([]field{
		{"name", into(d, &q.Name, d.identifier)},
		{"description", into(d, &q.Description, d.scalar)},
		{"tags", listInto(d, &q.Tags, d.word)},
		{"query_params", d.queryParams(q)},
		{"exports", d.exportsInto(&q.Exports)},
		{"config", func(e entry) {
			d.openMapping(e, "config",
				field{"enabled", into(d, &enabled, d.boolean)},
				field{"tags", listInto(d, &q.Tags, d.word)},
			)
		}},
	}, accepted("label", "meta", "group", "docs")...)...) || !enabled.V {
		return
	}
	d.need(e, "saved query", "name", "query_params")
	d.checkExports(q)
	d.project.SavedQueries = append(d.project.SavedQueries, q)
}

func (d *decoder) queryParams(q *SavedQuery) func(entry) {
	return func(e entry) {
		if !d.mapping(e, "query_params",
			field{"metrics", listInto(d, &q.Metrics, d.word)},
			field{"group_by", d.textsInto(&q.GroupBy)},
			field{"where", d.conditionsInto(&q.Where)},
			field{"order_by", d.textsInto(&q.OrderBy)},
			field{"limit", into(d, &q.Limit, d.positive)},
		) {
			return
		}
		if !d.lists(e, "metrics") && !d.lists(e, "group_by") {
			d.failAt(d.headline(e), codeMissing, "metrics: [revenue]", "a saved query asks for metrics, or for the values of what it groups by")
		}
		seen := newNames(d.bag, "metrics of this query")
		for _, name := range q.Metrics {
			seen.add(name)
		}
	}
}

// lists reports whether a list under the key has elements.
func (d *decoder) lists(e entry, key string) bool {
	list, ok := d.lookup(e, key)
	return ok && len(d.oneOrMore(list)) > 0
}

func (d *decoder) exportsInto(to *[]Export) func(entry) {
	return func(e entry) {
		for _, element := range d.elements(e) {
			x := Export{}
			if !d.mapping(element, "export",
				field{"name", into(d, &x.Name, d.identifier)},
				field{"config", d.exportConfig(&x)},
			) {
				continue
			}
			d.need(element, "export", "name")
			*to = append(*to, x)
		}
	}
}

// checkExports warns of an export that asks for another table than the one that a saved query becomes.
func (d *decoder) checkExports(q *SavedQuery) {
	for _, x := range q.Exports {
		other := x.Alias.Or(x.Name)
		if x.Schema.IsSet() {
			other = x.Schema
		}
		if !other.IsSet() || other == x.Name && other.V == q.Name.V {
			continue
		}
		d.bag.Add(diag.Diagnostic{Severity: diag.Warning, Code: codeNotSupported, Span: other.Span,
			Message: fmt.Sprintf("`%s` is not read: the saved query becomes the table `assay_%s`, beside the other results", other.V, q.Name.V),
			Hint:    "name the saved query as the table should be called; its schema is the profile's"})
	}
}

func (d *decoder) exportConfig(x *Export) func(entry) {
	return func(e entry) {
		d.mapping(e, "export config",
			field{"export_as", into(d, &x.ExportAs, choice(d, "table", "view"))},
			field{"schema", into(d, &x.Schema, d.word)},
			field{"alias", into(d, &x.Alias, d.identifier)},
		)
	}
}
