package cli

import (
	"fmt"
	"strings"
	"time"

	"assay/compiler/ask"
	"assay/compiler/model"
	"assay/compiler/project"
	"assay/internal/diag"
)

// A question is the flags of query.
type question struct {
	metrics, groupBy       typed
	where, order           typed
	limit                  *int64
	start, end             string
	experiment, savedQuery string
	asOf                   string
	format, output         string
	explain                bool
}

// typed is what a flag was given, each time on a line of its own: mistakes point into it as into a file.
type typed struct {
	flag   string
	values []string
}

func (t *typed) source() string { return strings.Join(t.values, "\n") }

func (t *typed) texts() []diag.Text {
	source := diag.TextAt(t.source(), t.flag, diag.Position{Line: 1, Col: 1})
	var all []diag.Text
	start := 0
	for _, value := range t.values {
		all = append(all, source.Slice(start, start+len(value)))
		start += len(value) + 1
	}
	return all
}

// ask is the question in the compiler's words: those of the saved query, then those of the flags.
func (q *question) ask(m *model.Model) (ask.Query, error) {
	var asked ask.Query
	if q.savedQuery != "" {
		saved, err := findSavedQuery(m, q.savedQuery)
		if err != nil {
			return asked, err
		}
		asked = ask.Saved(saved)
	}
	asked.Metrics = append(asked.Metrics, columns(q.metrics.texts())...)
	asked.GroupBy = append(asked.GroupBy, columns(q.groupBy.texts())...)
	asked.Where = append(asked.Where, q.where.texts()...)
	if order := columns(q.order.texts()); order != nil {
		asked.OrderBy = order // as dbt's own tool has it, an order or a limit takes the place of the saved query's
	}
	if len(asked.Metrics)+len(asked.GroupBy) == 0 {
		return asked, usagef("a query needs --metrics, --group-by or --saved-query")
	}
	if q.limit != nil {
		if *q.limit < 0 {
			return asked, usagef("--limit is a number of rows, not %d", *q.limit)
		}
		asked.Limit = q.limit
	}
	var err error
	if asked.Start, err = parseDay("--start-time", q.start, m.Zone); err != nil {
		return asked, err
	}
	if asked.End, err = parseDay("--end-time", q.end, m.Zone); err != nil {
		return asked, err
	}
	if asked.Start != nil && asked.End != nil && asked.End.Before(*asked.Start) {
		return asked, usagef("--end-time %s is before --start-time %s", q.end, q.start)
	}
	if q.experiment != "" {
		asked.Experiment, err = findExperiment(m, q.experiment)
	}
	return asked, err
}

func findSavedQuery(m *model.Model, name string) (*project.SavedQuery, error) {
	return find("saved query", name, m.Queries, func(q *project.SavedQuery) string { return q.Name.V })
}

func findExperiment(m *model.Model, name string) (*model.Experiment, error) {
	return find("experiment", name, m.Experiments, func(e *model.Experiment) string { return e.Name })
}

// find looks a name up; where it is nobody's, the error suggests one.
func find[T any](kind, name string, list []T, nameOf func(T) string) (found T, err error) {
	var known []string
	for _, candidate := range list {
		if nameOf(candidate) == name {
			return candidate, nil
		}
		known = append(known, nameOf(candidate))
	}
	return found, fmt.Errorf("no %s is called `%s`; %s", kind, name, diag.Suggest(name, known))
}

// columns splits lists at commas that stand in no parentheses: TimeDimension('metric_time', 'week') is one name.
func columns(lists []diag.Text) []diag.Text {
	var all []diag.Text
	for _, list := range lists {
		depth, start := 0, 0
		for i, r := range list.Value + "," {
			switch {
			case r == '(':
				depth++
			case r == ')':
				depth--
			case r == ',' && depth <= 0 || i == len(list.Value):
				if name := trimmed(list, start, i); name.Value != "" {
					all = append(all, name)
				}
				start = i + 1
			}
		}
	}
	return all
}

// trimmed is a part of a text without the blanks around it.
func trimmed(t diag.Text, from, to int) diag.Text {
	part := t.Value[from:to]
	left := len(part) - len(strings.TrimLeft(part, " \t\n"))
	return t.Slice(from+left, from+max(left, len(strings.TrimRight(part, " \t\n"))))
}

func parseDay(flag, text string, zone *time.Location) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	// dbt's own tool takes times; one that is a midnight says a day.
	day, err := project.ParseMoment(text, zone)
	if err != nil || !day.Time.Equal(project.StartOfDay(day.Time.In(zone), zone)) {
		return nil, usagef("%s is a day such as 2026-01-05, not `%s`", flag, text)
	}
	return &day.Time, nil
}

const asOfUsage = "the instant, or the day whose midnight, ends the analysis (default: last midnight)"

// parseAsOf reads an instant, or a day: the midnight that begins it in the zone. Without text it is the last midnight.
func parseAsOf(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return project.StartOfDay(time.Now().In(zone), zone).UTC(), nil
	}
	moment, err := project.ParseMoment(text, zone)
	if err == nil {
		return moment.Time, nil
	}
	return time.Time{}, usagef("--as-of is a day or an instant such as 2026-02-01 or 2026-02-01T12:00:00Z, not `%s`", text)
}
