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
	{"changed", "The deciding interval lies wholly on one side of no difference, and nobody said which side is desired."},
	{"neutral", "Whatever difference there is, the interval keeps it below the smallest one that was said to matter."},
	{"undecided", "The data are compatible with more than one answer; this does not say that there is no difference."},
	{"within", "Of a guardrail: the deciding interval keeps any loss within the margin (non-inferior)."},
	{"broken", "Of a guardrail: the deciding interval shows a loss, and one that may be beyond the margin (inferior)."},
	{"no margin", "Of a guardrail: no loss was shown, and nobody said how much of one is put up with."},
	{"no answer", "The data do not define a difference, for the reason that is noted."},
	{"failed", "The warehouse refused to compute it, for the reason that is noted."},
	{"guardrail", "A metric that must not get worse by as much as its margin, whatever else gets better."},
	{"margin", "The loss in a guardrail that is still put up with, as a share of the control's value."},
	{"primary", "A metric that the decision rests on."},
	{"secondary", "A metric that helps to understand the result."},
	{"exploration", "Numbers looked at for ideas; among many some stand out by chance, so they decide nothing."},
	{"progress", "How much there is of what it takes to find the smallest lift that matters, if it is there, with the power that the protocol plans for."},
	{"exposure", "A unit's first contact with the experiment, which puts it into a variant."},
	{"heterogeneity", "Whether effects differ between slices by more than the spread within them explains (Cochran's Q; I² is the " +
		"share of the spread that is between them)."},
	{"slice", "The units with one value of a dimension."},
	{"shrunk", "Moved towards the mean of all lifts, the further the less sure a lift is (empirical Bayes)."},
	{"drop-off", "The share of the units at one step of a funnel that did not get to the next."},
	{"confidence", "How often intervals made this way hold the true difference; the higher, the wider they are."},
	{"health", "Checks of whether the data can be trusted, whatever they say."},
}

// meaning is the glossary's term for a word: of that name, in whatever case, or of which the word says more (within 3%).
func meaning(word string) (term, error) {
	lower := strings.ToLower(word)
	for _, t := range glossary {
		if lower == t.Name || strings.HasPrefix(lower, t.Name+" ") {
			return t, nil
		}
	}
	return term{}, fmt.Errorf("the glossary lacks %q", word)
}

// explained links a word to its meaning, which a script shows beside it under the pointer and on the keyboard's focus.
func explained(word string) (template.HTML, error) {
	t, err := meaning(word)
	if err != nil {
		return "", err
	}
	return template.HTML(fmt.Sprintf(`<a class="term" href="#%s" aria-describedby="%[1]s-is">%s</a>`,
		t.ID(), template.HTMLEscapeString(word))), nil
}
