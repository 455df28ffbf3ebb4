package site

import (
	"fmt"
	"html/template"
	"strings"
)

// A term of the field with what it means, in a sentence.
type term struct{ Name, Meaning string }

// ID is the term's place on a page.
func (t term) ID() string { return "term-" + strings.ReplaceAll(t.Name, " ", "-") }

// glossary are the terms that pages use.
var glossary = []term{
	{"control", "The variant that every other one is compared with."},
	{"lift", "The difference between a variant and the control, as a share of the control's value."},
	{"interval", "The differences that the data are compatible with, by a procedure that misses the true one no more often than " +
		"the stated confidence allows; of a Bayesian protocol, the range that its prior and the data together leave credible."},
	{"verdict", "What the deciding interval says, after correction for several comparisons."},
	{"better", "The deciding interval lies wholly on the desired side of no difference."},
	{"worse", "The deciding interval lies wholly on the undesired side of no difference."},
	{"neutral", "Whatever difference there is, the interval keeps it below the smallest one that was said to matter."},
	{"undecided", "The data are compatible with more than one answer; this does not say that there is no difference."},
	{"guardrail", "A metric that must not get worse by as much as its margin, whatever else gets better."},
	{"margin", "The loss in a guardrail that is still put up with, as a share of the control's value."},
	{"primary", "A metric that the decision rests on."},
	{"secondary", "A metric that helps to understand the result."},
	{"exploration", "Numbers looked at for ideas; among many some stand out by chance, so they decide nothing."},
	{"progress", "How much of the data there is that it takes to know the lift to the smallest difference that matters."},
	{"exposure", "A unit's first contact with the experiment, which puts it into a variant."},
	{"heterogeneity", "Whether effects differ between slices by more than the spread within them explains (Cochran's Q; I² is the " +
		"share of the spread that is between them)."},
	{"slice", "The units with one value of a dimension."},
	{"health", "Checks of whether the data can be trusted, whatever they say."},
}

// explained links a term to its meaning, which a pointer shows too.
func explained(name string) (template.HTML, error) {
	for _, t := range glossary {
		if strings.EqualFold(t.Name, name) {
			return template.HTML(fmt.Sprintf(`<a class="term" href="#%s" title="%s">%s</a>`,
				t.ID(), template.HTMLEscapeString(t.Meaning), template.HTMLEscapeString(name))), nil
		}
	}
	return "", fmt.Errorf("the glossary lacks %q", name)
}
