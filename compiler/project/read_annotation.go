package project

func (d *decoder) annotation(e entry) {
	a := &Annotation{Span: d.span(e)}
	if !d.mapping(e, "annotation",
		field{"date", into(d, &a.Date, d.moment)},
		field{"metrics", listInto(d, &a.Metrics, d.word)},
		field{"text", into(d, &a.Text, d.prose)},
	) {
		return
	}
	d.need(e, "annotation", "date", "text")
	d.project.Annotations = append(d.project.Annotations, a)
}
