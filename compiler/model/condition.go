package model

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"assay/internal/diag"
)

// parseCondition reads the closed grammar of decision rules; nil, and an error at its place, for what is not in it.
//
//	condition := conjunction { "or" conjunction }
//	conjunction := term { "and" term }
//	term := ("any" | "all") role verdict
//	      | ("any" | "all") "health" status
//	      | "before" "minimum"
//	      | "progress" ("<" | "<=" | ">" | ">=") number "%"
func parseCondition(text diag.Text, bag *diag.Bag) Condition {
	p := &conditionParser{text: text, bag: bag, words: conditionWords.FindAllStringIndex(text.Value, -1)}
	condition := p.either()
	if !p.failed && len(p.words) > 0 {
		p.expect("and", "or")
	}
	if p.failed {
		return nil
	}
	return condition
}

var conditionWords = regexp.MustCompile(`[0-9.]+%?|\w+|[<>]=?|\S`)

// A conditionParser keeps the first error alone: after it, nothing more is reported.
type conditionParser struct {
	text   diag.Text
	words  [][]int // those not read yet, by the bytes where they start and end
	bag    *diag.Bag
	failed bool
}

func (p *conditionParser) either() Condition {
	conditions := []Condition{p.every()}
	for p.take("or") {
		conditions = append(conditions, p.every())
	}
	if len(conditions) == 1 {
		return conditions[0]
	}
	return Either{conditions}
}

func (p *conditionParser) every() Condition {
	conditions := []Condition{p.term()}
	for p.take("and") {
		conditions = append(conditions, p.term())
	}
	if len(conditions) == 1 {
		return conditions[0]
	}
	return Every{conditions}
}

func (p *conditionParser) term() Condition {
	switch word := p.expect(string(Any), string(All), "before", "progress"); word {
	case "before":
		p.expect("minimum")
		return BeforeMinimum{}
	case "progress":
		return Progress{Comparison: p.expect("<", "<=", ">", ">="), Share: p.share()}
	default:
		return p.quantified(Quantifier(word))
	}
}

// verdictsOf are what metrics of a role can be found to be. Those to explore decide nothing.
var verdictsOf = map[Role][]string{
	Primary:   {"better", "worse", "changed", "neutral", "undecided"},
	Secondary: {"better", "worse", "changed", "neutral", "undecided"},
	Guardrail: {"non_inferior", "inferior", "undecided"},
}

func (p *conditionParser) quantified(q Quantifier) Condition {
	subject := p.expect(string(Primary), string(Secondary), string(Guardrail), "guardrails", "health")
	if subject == "health" {
		return Checks{Quantifier: q, Status: p.expect("pass", "warn", "fail")}
	}
	role := Role(strings.TrimSuffix(subject, "s"))
	return Verdicts{Quantifier: q, Role: role, Verdict: p.expect(verdictsOf[role]...)}
}

// share is a percentage as a fraction.
func (p *conditionParser) share() float64 {
	word, at := p.next()
	number, isPercentage := strings.CutSuffix(word, "%")
	share, err := strconv.ParseFloat(number, 64)
	if !isPercentage || err != nil {
		p.fail(word, at, "such as 100%")
	}
	return share / 100
}

// take reads the next word if it is the given one.
func (p *conditionParser) take(word string) bool {
	if len(p.words) == 0 || p.text.Value[p.words[0][0]:p.words[0][1]] != word {
		return false
	}
	p.words = p.words[1:]
	return true
}

// expect reads one of the given words.
func (p *conditionParser) expect(allowed ...string) string {
	word, at := p.next()
	if !slices.Contains(allowed, word) {
		p.fail(word, at, diag.Suggest(word, allowed))
	}
	return word
}

// next reads a word; at the end of the text, "" at the last place.
func (p *conditionParser) next() (word string, at diag.Span) {
	if len(p.words) == 0 {
		end := len(p.text.Value)
		return "", p.text.At(max(end-1, 0), end)
	}
	lo, hi := p.words[0][0], p.words[0][1]
	p.words = p.words[1:]
	return p.text.Value[lo:hi], p.text.At(lo, hi)
}

func (p *conditionParser) fail(word string, at diag.Span, hint string) {
	message := "the rule breaks off here"
	if word != "" {
		message = fmt.Sprintf("`%s` does not belong here", word)
	}
	if !p.failed {
		p.bag.Add(diag.Diagnostic{Code: codeDecision, Span: at, Message: message, Hint: hint})
	}
	p.failed = true
}
