package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"assay/compiler/model"
	"assay/runner/judge"
)

// Forecast writes how long an experiment takes: the answer, the curve behind it, and what its decision is worth. The forecast has
// curves.
func Forecast(w io.Writer, f *judge.Forecast, o Options) error {
	s := &forecastSheet{Forecast: f, sheet: sheet{style: o.style()}}
	s.title(f.Experiment.Name, s.status())
	s.writeNeeds()
	s.writeBasis()
	s.writeCurves()
	s.writeDecision()
	_, err := io.WriteString(w, s.out.String())
	return err
}

// A forecastSheet is a forecast being written.
type forecastSheet struct {
	*judge.Forecast
	sheet
}

func (s *forecastSheet) status() string {
	x := s.Experiment
	switch {
	case s.underWay() && !x.End.IsZero() && !s.AsOf.Before(x.End):
		return "ended " + s.date(x.End)
	case s.underWay():
		return "runs for " + plural(int64(s.Entered[0].Days), "day")
	case x.Start.IsZero():
		return "planned"
	case x.End.IsZero():
		return "planned from " + s.date(x.Start)
	default:
		return fmt.Sprintf("planned from %s for %s", s.date(x.Start), plural(wholeDays(x.End.Sub(x.Start)), "day"))
	}
}

func (s *forecastSheet) underWay() bool { return s.Basis == judge.FromOwnData }

func (s *forecastSheet) date(t time.Time) string { return t.In(s.zone).Format(time.DateOnly) }

func wholeDays(d time.Duration) int64 { return int64(d.Round(24*time.Hour) / (24 * time.Hour)) }

// shown are the curves but those that repeat one before: variants of equal shares have the same until they are observed.
func (s *forecastSheet) shown() []judge.Curve {
	var shown []judge.Curve
	for i, c := range s.Curves {
		if !slices.ContainsFunc(s.Curves[:i], func(o judge.Curve) bool { return o.Use == c.Use && sameCurve(o, c) }) {
			shown = append(shown, c)
		}
	}
	return shown
}

func sameCurve(a, b judge.Curve) bool {
	return slices.EqualFunc(a.Points, b.Points, func(p, q judge.Point) bool {
		return p.Control == q.Control && p.Variant == q.Variant && p.LiftSE == q.LiftSE
	})
}

// name of a comparison: the metric, and the variant where the others differ.
func (s *forecastSheet) name(c judge.Curve) string {
	name := c.Use.Name
	if label := c.Use.Metric.Decl.Label; label.IsSet() {
		name = label.V
	}
	if slices.ContainsFunc(s.Curves, func(o judge.Curve) bool { return o.Use == c.Use && !sameCurve(o, c) }) {
		name += ", " + c.Variant
	}
	return name
}

// writeNeeds says how long it takes: what takes longest, then each comparison that asks for a lift.
func (s *forecastSheet) writeNeeds() {
	s.paragraph("", s.strong(s.summary()))
	for _, c := range s.shown() {
		if len(c.Needs) > 0 {
			s.item(s.dot, s.sentence(c))
		}
	}
}

func (s *forecastSheet) summary() string {
	for _, c := range s.Curves {
		switch {
		case !c.Longest:
		case len(c.Needs) > 0:
			return fmt.Sprintf("To decide takes %s%s: of what decides, %s takes longest.", s.period(c.Needs[0]), s.plan(c.Needs[0]),
				s.name(c))
		default:
			return "No metric that decides says which lift matters: give it an `mde`, or ask by --mde 2%."
		}
	}
	return "Of no metric that decides can it be told how long it takes."
}

// plan holds what is needed against what is planned.
func (s *forecastSheet) plan(n judge.Need) string {
	x, minimum := s.Experiment, s.Experiment.Protocol.MinimumDays
	switch {
	case n.Days == nil:
		return ""
	case int64(*n.Days) < minimum:
		return fmt.Sprintf(" (the protocol asks for at least %d)", minimum)
	case x.Start.IsZero() || x.End.IsZero():
		return ""
	case int64(*n.Days) > wholeDays(x.End.Sub(x.Start)):
		return fmt.Sprintf(", and %s are planned", plural(wholeDays(x.End.Sub(x.Start)), "day"))
	default:
		return fmt.Sprintf(", of the %d that are planned", wholeDays(x.End.Sub(x.Start)))
	}
}

// sentence is how long a comparison's lifts take: "at 2% this needs 47 days; at 5%, 8".
func (s *forecastSheet) sentence(c judge.Curve) string {
	first := c.Needs[0]
	if c.Use.Role == model.Guardrail && c.Use.Margin != nil {
		return fmt.Sprintf("%s: to show that it is worse by less than %s needs %s", s.name(c), setting(first.Lift), s.period(first))
	}
	words := fmt.Sprintf("%s: at %s this needs %s", s.name(c), setting(first.Lift), s.period(first))
	for _, need := range c.Needs[1:] {
		words += fmt.Sprintf("; at %s, %s", setting(need.Lift), strings.TrimSuffix(strings.TrimSuffix(s.period(need), "s"), " day"))
	}
	return words
}

// period is a need in words; what was not measured is marked.
func (s *forecastSheet) period(n judge.Need) string {
	switch {
	case n.Days == nil:
		return "more than ten years"
	case n.Beyond:
		return "about " + plural(int64(*n.Days), "day")
	default:
		return plural(int64(*n.Days), "day")
	}
}

// writeBasis says where the numbers come from and what they mean.
func (s *forecastSheet) writeBasis() {
	p := s.Experiment.Protocol
	s.write("")
	s.paragraph("", s.source())
	s.paragraph("", fmt.Sprintf("Found means with a chance of %s, at a confidence of %s (%s%s).", setting(s.Power),
		setting(p.Confidence), strings.ReplaceAll(p.Method, "_", " "), named(", protocol ", p.Name)))
}

// named is words with a name after them; nothing without the name.
func named(words, name string) string {
	if name == "" {
		return ""
	}
	return words + name
}

func (s *forecastSheet) source() string {
	last := s.Entered[len(s.Entered)-1]
	history := fmt.Sprintf("in the %s up to %s, measured as a run would measure them.", plural(int64(last.Days/7), "week"), s.date(s.AsOf))
	switch s.Basis {
	case judge.FromOwnData:
		return fmt.Sprintf("From its own data up to %s: %s.", s.date(s.AsOf), plural(last.Units, "unit"))
	case judge.FromEntry:
		return fmt.Sprintf("From history: whoever entered by `%s` %s", s.Experiment.Decl.Entry.Model.V, history)
	default:
		return "From history: whoever was in the same assignments, for whatever, " + history + " Where others will enter, say who by `entry`."
	}
}

// forecastGroups are the roles in their order, with the headings they stand under.
var forecastGroups = append(slices.Clone(deciding), roleGroup{model.Explore, "Explored"})

// writeCurves is the table of all comparisons, and the curve of the one that takes longest.
func (s *forecastSheet) writeCurves() {
	if s.underWay() {
		s.heading("How far it is")
		g := &grid{columns: []column{{"", text.AlignLeft}, {"finds today", text.AlignRight}, {"asked for", text.AlignRight},
			{"chance", text.AlignRight}, {"data in", text.AlignRight}, {"to go", text.AlignRight}}}
		s.addGroups(g, s.progressOf)
		s.write(s.lines(g)...)
		s.writeWhole()
		return
	}
	weeks := s.weeksThatFit()
	g := &grid{columns: []column{{weekTitle, text.AlignLeft}}}
	units := []string{"Units"}
	for _, i := range weeks {
		g.columns = append(g.columns, column{fmt.Sprint(s.Entered[i].Days / 7), text.AlignRight})
		units = append(units, count(s.Entered[i].Units))
	}
	g.add(units...)
	s.addGroups(g, func(c judge.Curve) []string {
		var cells []string
		for _, i := range weeks {
			cells = append(cells, s.detectable(c, i))
		}
		return cells
	})
	s.heading("The smallest lift that is found")
	s.write(s.lines(g)...)
	for _, c := range s.Curves {
		if c.Longest {
			s.heading(s.name(c))
			s.draw(c)
		}
	}
}

// addGroups adds a line for each comparison under its role.
func (s *forecastSheet) addGroups(g *grid, cells func(judge.Curve) []string) {
	for _, group := range forecastGroups {
		titled := false
		for _, c := range s.shown() {
			if c.Use.Role != group.role {
				continue
			}
			if !titled {
				g.add(s.strong(group.title))
			}
			titled = true
			g.add(append([]string{"  " + s.name(c)}, cells(c)...)...)
		}
	}
}

// weekTitle heads the names of a table whose columns are weeks.
const weekTitle = "after so many weeks"

// weeksThatFit are the places of those shown: all, or as many as there is room for, the first and the last among them.
func (s *forecastSheet) weeksThatFit() []int {
	names := text.StringWidthWithoutEscSequences(weekTitle)
	for _, c := range s.shown() {
		names = max(names, text.StringWidthWithoutEscSequences(s.name(c))+gap)
	}
	all := len(s.Entered)
	widest := max(len("100.0%"), len(count(s.Entered[all-1].Units)))
	room := max(2, (s.width-min(names, s.width/3)-gap)/(gap+widest))
	var places []int
	for i := range min(all, room) {
		places = append(places, i*(all-1)/max(1, min(all, room)-1))
	}
	return places
}

// detectable is what a comparison finds at a point, marked where it is no more than what is asked for.
func (s *forecastSheet) detectable(c judge.Curve, point int) string {
	if point >= len(c.Points) || c.Points[point].Detectable == nil {
		return missing
	}
	found := *c.Points[point].Detectable
	shown := unsigned(found, placesFor(found))
	if c.Asked != nil && found <= *c.Asked {
		return s.good(shown)
	}
	return shown
}

// draw is a curve as bars, a week each, with a mark where the lift is that is asked for.
func (s *forecastSheet) draw(c judge.Curve) {
	const label, number = 12, 8
	room, largest := s.width-label-number, 0.0
	for _, at := range c.Points {
		if at.Detectable != nil {
			largest = max(largest, *at.Detectable)
		}
	}
	at := func(lift float64) int { return min(room-1, int(float64(room)*lift/largest)) }
	marked := c.Asked != nil && *c.Asked <= largest
	for i, point := range c.Points {
		if point.Detectable == nil {
			continue
		}
		bar := slices.Repeat([]string{" "}, room)
		for column := range at(*point.Detectable) + 1 {
			bar[column] = s.full
		}
		if marked {
			bar[at(*c.Asked)] = s.margin
		}
		s.write(fmt.Sprintf("  week %2d   ", point.Days/7) + strings.Join(bar, "") + text.AlignRight.Apply(s.detectable(c, i), number))
	}
	if marked {
		s.write(s.faint(fmt.Sprintf("  %s asked for: %s", s.margin, setting(*c.Asked))))
	}
}

// progressOf is how far a comparison is.
func (s *forecastSheet) progressOf(c judge.Curve) []string {
	cells := []string{s.detectable(c, 0), "", "", "", ""}
	if c.Asked != nil {
		cells[1] = setting(*c.Asked)
	}
	if power := c.Points[0].Power; power != nil {
		cells[2] = unsigned(*power, 0)
	}
	if c.Progress != nil {
		cells[3] = share(*c.Progress)
	}
	if len(c.Needs) > 0 {
		cells[4] = s.toGo(c)
	}
	return cells
}

// toGo is how long a comparison that runs still takes.
func (s *forecastSheet) toGo(c judge.Curve) string {
	switch need := c.Needs[0]; {
	case need.Days == nil:
		return "never"
	case *need.Days <= c.Points[0].Days:
		return s.good("done")
	default:
		return plural(int64(*need.Days-c.Points[0].Days), "day")
	}
}

// writeWhole says how far the decision is: as far as the comparison furthest behind.
func (s *forecastSheet) writeWhole() {
	if s.Progress == nil {
		return
	}
	words := fmt.Sprintf("The decision: %s %s of the data", s.meter(*s.Progress), share(*s.Progress))
	if s.DaysToGo != nil {
		words += ", " + plural(int64(*s.DaysToGo), "day") + " to go"
	}
	s.paragraph("", words+".")
}

// writeDecision says what the whole decision is worth, not one test.
func (s *forecastSheet) writeDecision() {
	if len(s.Decisions) == 0 {
		return
	}
	g := &grid{columns: []column{{"ships where", text.AlignLeft}}}
	for _, d := range s.Decisions {
		g.columns = append(g.columns, column{"after " + plural(int64(d.Days), "day"), text.AlignRight})
	}
	for _, world := range worlds {
		cells := []string{"  " + world.title}
		for _, d := range s.Decisions {
			if c := world.of(d); c != nil {
				cells = append(cells, unsigned(c.Ship, placesFor(c.Ship)))
			}
		}
		if len(cells) > 1 {
			g.add(cells...)
		}
	}
	s.heading("The whole decision")
	s.write(s.lines(g)...)
	last := s.Decisions[len(s.Decisions)-1]
	s.paragraph("", caveats(last))
	if last.PerTest > 0 && last.Asked != nil && last.Asked.Ship < s.Power {
		s.paragraph("", fmt.Sprintf("All of it comes together with a chance of %s where each test is planned for %s: --power %[2]s.",
			setting(s.Power), setting(last.PerTest)))
	}
}

// worlds are those that a decision is weighed in.
var worlds = []struct {
	title string
	of    func(judge.Odds) *judge.Chances
}{
	{"nothing changes anything", func(o judge.Odds) *judge.Chances { return &o.Nothing }},
	{"metrics move as is asked for", func(o judge.Odds) *judge.Chances { return o.Asked }},
	{"so do they, and a guardrail is worse by its margin", func(o judge.Odds) *judge.Chances { return o.Harmed }},
}

// caveats say how odds were found.
func caveats(o judge.Odds) string {
	words := "By the protocol's rules, with metrics that are independent and checks that pass; "
	if o.Nothing.Draws == 0 {
		return words + "exact, for one look at the end."
	}
	largest := o.Nothing.Error
	if o.Asked != nil {
		largest = max(largest, o.Asked.Error)
	}
	return words + fmt.Sprintf("from %s simulated experiments of %s, to within %s (a standard error).",
		count(int64(o.Nothing.Draws)), plural(int64(o.Looks), "look"), unsigned(largest, 2))
}
