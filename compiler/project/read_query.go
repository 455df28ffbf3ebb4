package project

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

func (d *decoder) exportConfig(x *Export) func(entry) {
	return func(e entry) {
		d.mapping(e, "export config",
			field{"export_as", into(d, &x.ExportAs, choice(d, "table", "view"))},
			field{"schema", into(d, &x.Schema, d.word)},
			field{"alias", into(d, &x.Alias, d.identifier)},
		)
	}
}
