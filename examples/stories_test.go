package examples

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each of these examples is a decision that people get wrong, and its page must keep them from it.
func TestStories(t *testing.T) {
	for _, story := range []struct {
		example, experiment string
		asOf                []string
		says                []string
	}{
		{
			example: "button", experiment: "green_button",
			says: []string{
				"Recommended: do not conclude from it; run it again for longer",
				"Undecided: Green button may move Visitors who buy by anything from −7.7% to +44.9% (95% interval).",
				"Do not conclude at 80%: the interval of Visitors who buy there (+1.4% to +35.8%) leaves 0 out, and 95% was chosen " +
					"beforehand to decide. Of changes that do nothing, up to 20% look like a difference at 80%.",
				"80% +1.4% to +35.8% 90% −3.5% to +40.7% 95% (decides) −7.7% to +44.9%", "Visitors who buy by country", "10% of what finding a lift of 10%",
			},
		},
		{
			example: "annual_plan", experiment: "annual_plan_first", asOf: []string{"--as-of", "2026-03-09"},
			says: []string{
				"running, 7 of 63 days",
				"Recommended: keep it running",
				"Too early to decide: it has 7 of the 14 days that the protocol asks for.",
				"Look again on 2026-04-11, when at the pace of the last days there will be enough to find a lift of Visitors who subscribe by 13%",
				"The data so far cannot tell.",
			},
		},
		{
			example: "free_shipping", experiment: "free_shipping",
			says: []string{
				"Recommended: do not ship",
				", by the rule \"any guardrail inferior\": Profit per customer is inferior with Free shipping.",
				"Better: Free shipping raises Orders per customer by 18.4%",
				"Guardrail broken: Free shipping lowers Profit per customer by 31.1% (95% interval −40.0% to −22.2%); its margin is 3%.",
			},
		},
	} {
		t.Run(story.example, func(t *testing.T) {
			dir := copied(t, story.example)
			assay(t, append([]string{"run", "--project-dir", dir}, story.asOf...)...)
			page := pageOf(t, dir, story.experiment)
			same(t, open(t, filepath.Join(dir, "target", story.example+".duckdb"), dir),
				`SELECT metric, n_control, n_variant, value_control, value_variant, effect, effect_se
				FROM assay_experiment_results_latest WHERE dimension = 'overall' AND decides ORDER BY metric`,
				"FROM ("+byHand(t, story.example+".sql")+") ORDER BY metric")
			contains(t, page, story.says...)
			if strings.Contains(page, "ship it") {
				t.Errorf("the page says to ship it:\n%s", page)
			}
		})
	}
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// pageOf is the text of an experiment's page, as a reader sees it.
func pageOf(t *testing.T, dir, experiment string) string {
	t.Helper()
	assay(t, "report", "--project-dir", dir)
	page, err := os.ReadFile(filepath.Join(dir, "target", "report", "experiments", experiment+".html"))
	if err != nil {
		t.Fatal(err)
	}
	return spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(string(page), " ")), " ")
}
