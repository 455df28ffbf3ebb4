package project

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// into stores what read finds, with its place.
func into[T any](d *decoder, to *Value[T], read func(entry) (T, bool)) func(entry) {
	return func(e entry) {
		if v, ok := read(e); ok {
			*to = Value[T]{v, d.span(e)}
		}
	}
}

// placed is into for what others may ask for: a value that is wrong has a place, so that nobody is told that there is none.
func placed[T any](d *decoder, to *Value[T], read func(entry) (T, bool)) func(entry) {
	return func(e entry) {
		v, _ := read(e)
		*to = Value[T]{v, d.span(e)}
	}
}

// listInto stores each element that read finds, with its place; a single value is a list of one.
func listInto[T any](d *decoder, to *[]Value[T], read func(entry) (T, bool)) func(entry) {
	return func(e entry) {
		for _, element := range d.oneOrMore(e) {
			if v, ok := read(element); ok {
				*to = append(*to, Value[T]{v, d.span(element)})
			}
		}
	}
}

// namesInto stores a list of names of which each may stand once; kind is what they are, for the report of one that stands twice.
func (d *decoder) namesInto(to *[]Name, kind string) func(entry) {
	return func(e entry) {
		listInto(d, to, d.word)(e)
		unique(d.bag, kind, *to, func(n Name) Name { return n })
	}
}

// text is a scalar as it stands in the file, its variables filled in.
func (d *decoder) text(e entry) (diag.Text, bool) {
	if !e.is(yaml.ScalarNode) || e.isNull() {
		d.wrongType(e, "text", "write one value")
		return diag.Text{}, false
	}
	places := d.src.positions(d.src.places(e.Node))
	return d.render(diag.NewText(e.Value, d.span(e), places), d.bag)
}

// code is a text that says something: an expression, a condition.
func (d *decoder) code(e entry) (diag.Text, bool) {
	text, ok := d.text(e)
	if ok && strings.TrimSpace(text.Value) == "" {
		d.failEmpty(e)
		return text, false
	}
	return text, ok
}

func (d *decoder) codeInto(to *diag.Text) func(entry) {
	return func(e entry) { *to, _ = d.code(e) }
}

// texts are the texts of a list; one alone is a list of one.
func (d *decoder) texts(e entry) []diag.Text {
	var texts []diag.Text
	for _, element := range d.oneOrMore(e) {
		if text, ok := d.code(element); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// conditions are texts of which one is there: a condition left empty would count everything.
func (d *decoder) conditions(e entry) []diag.Text {
	if e.isNull() {
		d.failEmpty(e)
	}
	return d.texts(e)
}

func (d *decoder) conditionsInto(to *[]diag.Text) func(entry) {
	return func(e entry) { *to = d.conditions(e) }
}

func (d *decoder) textsInto(to *[]diag.Text) func(entry) {
	return func(e entry) { *to = d.texts(e) }
}

// scalar is a scalar's value, whatever type YAML gives it: a variant's value 0 is the text 0.
func (d *decoder) scalar(e entry) (string, bool) {
	if e.is(yaml.ScalarNode) && !e.isNull() && !strings.Contains(e.Value, "{{") {
		return e.Value, true
	}
	text, ok := d.text(e)
	return text.Value, ok
}

// word is a string that YAML reads as one.
func (d *decoder) word(e entry) (string, bool) {
	if e.is(yaml.ScalarNode) && e.ShortTag() != "!!str" && !e.isNull() {
		d.fail(e, codeType, fmt.Sprintf("quote it: %q", e.Value),
			"%s should be text, and YAML does not read `%s` as text", e.title(), e.Value)
		return "", false
	}
	return d.prose(e)
}

func (d *decoder) failEmpty(e entry) {
	d.fail(e, codeValue, "give it a value, or leave it out", "`%s` is empty", e.key())
}

// prose is a scalar that is not empty.
func (d *decoder) prose(e entry) (string, bool) {
	value, ok := d.scalar(e)
	if ok && strings.TrimSpace(value) == "" {
		d.failEmpty(e)
		return "", false
	}
	return value, ok
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// plainName is a name that SQL need not quote.
func (d *decoder) plainName(e entry) (string, bool) {
	name, ok := d.word(e)
	if ok && !identifier.MatchString(name) {
		d.fail(e, codeName, "use letters, digits and underscores, and begin with no digit", "`%s` cannot be a name", name)
	}
	return name, ok
}

// identifier is a name that queries use, where two underscores and metric_time have a meaning.
func (d *decoder) identifier(e entry) (string, bool) {
	name, ok := d.plainName(e)
	switch {
	case strings.Contains(name, "__"):
		d.fail(e, codeName, "`__` stands between an entity and its dimension, as in user__plan", "`%s` cannot be a name", name)
	case strings.EqualFold(name, "metric_time"):
		d.fail(e, codeName, "it is the time of whatever metrics are asked for", "`%s` is taken", name)
	}
	return name, ok
}

func (d *decoder) boolean(e entry) (bool, bool) {
	value, ok := d.scalar(e)
	if !ok {
		return false, false
	}
	switch value {
	case "true", "True", "TRUE":
		d.refuse(e.path+"=true", d.span(e))
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	d.wrongType(e, "true or false", "write true or false, without quotes")
	return false, false
}

func (d *decoder) integer(e entry) (int64, bool) {
	value, ok := d.scalar(e)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(value, "_", ""), 10, 64)
	if err != nil {
		d.wrongType(e, "a whole number", "write digits alone, such as 500")
	}
	return n, err == nil
}

// positive is a whole number above zero.
func (d *decoder) positive(e entry) (int64, bool) {
	n, ok := d.integer(e)
	if ok && n <= 0 {
		d.fail(e, codeValue, "write 1 or more", "`%s` should be above zero", e.key())
	}
	return n, ok && n > 0
}

func (d *decoder) number(e entry) (float64, bool) {
	value, ok := d.scalar(e)
	if !ok {
		return 0, false
	}
	x, err := parseNumber(value)
	if err != nil {
		d.wrongType(e, "a number", "write digits, such as 500 or 0.5")
	}
	return x, err == nil
}

var errNotFinite = errors.New("not a finite number")

func parseNumber(text string) (float64, error) {
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err == nil && (math.IsNaN(x) || math.IsInf(x, 0)) {
		return 0, errNotFinite
	}
	return x, err
}

// share is 95%, 0.95 or 19/20.
func (d *decoder) share(e entry) (float64, bool) {
	value, ok := d.scalar(e)
	if !ok {
		return 0, false
	}
	x, _, err := parseShare(value)
	if err != nil {
		d.wrongType(e, "a share", "write 5% or 0.05")
	}
	return x, err == nil
}

// parseShare reads a percentage, a fraction or a bare number, and tells which it was.
func parseShare(text string) (float64, WeightForm, error) {
	if percent, ok := strings.CutSuffix(strings.TrimSpace(text), "%"); ok {
		x, err := parseNumber(percent)
		return x / 100, ShareWeights, err
	}
	if above, below, ok := strings.Cut(text, "/"); ok {
		n, err := parseNumber(above)
		m, err2 := parseNumber(below)
		if err == nil && err2 == nil && m == 0 {
			err = errNotFinite
		}
		return n / m, ShareWeights, errors.Join(err, err2)
	}
	x, err := parseNumber(text)
	return x, BareWeights, err
}

// probability is a share strictly between 0 and 1, such as a confidence.
func (d *decoder) probability(e entry) (float64, bool) {
	x, ok := d.share(e)
	if ok && (x <= 0 || x >= 1) {
		hint := "write 95% or 0.95"
		if x >= 2 && x < 100 {
			hint = fmt.Sprintf("did you mean %g%%?", x)
		}
		d.fail(e, codeValue, hint, "`%s` should lie between 0%% and 100%%", e.key())
	}
	return x, ok
}

// assurance is a probability of being right, which one of being wrong is a slip for.
func (d *decoder) assurance(e entry) (float64, bool) {
	x, ok := d.probability(e)
	if ok && x > 0 && x < 0.5 {
		d.fail(e, codeValue, fmt.Sprintf("did you mean %g%%?", 100-100*x),
			"`%s` of %g%% is less than a toss of a coin has", e.key(), 100*x)
	}
	return x, ok
}

// quantile is a share from 0 to 1; 95 for 0.95 is a slip.
func (d *decoder) quantile(e entry) (float64, bool) {
	x, ok := d.share(e)
	if ok && (x < 0 || x > 1) {
		hint := "write 95% or 0.95"
		if x >= 2 && x < 100 {
			hint = fmt.Sprintf("did you mean %.6g?", x/100)
		}
		d.fail(e, codeValue, hint, "`%s` should lie between 0 and 1", e.key())
		return 0, false
	}
	return x, ok
}

// change is a relative effect, such as an MDE or a margin: above zero, and 2 for 200% is taken for a slip.
func (d *decoder) change(e entry) (float64, bool) {
	x, ok := d.share(e)
	switch {
	case !ok:
	case x <= 0:
		d.fail(e, codeValue, "write its size alone, such as 2%; the metric's `desired_change` says which way is good",
			"`%s` should be above zero", e.key())
	case x >= 1 && !strings.Contains(e.Value, "%"):
		d.fail(e, codeValue, fmt.Sprintf("did you mean %g%%? %g%% is written with its sign", x, 100*x),
			"`%s` of %g is %g%%", e.key(), x, 100*x)
	}
	return x, ok
}

// choice is one of a few words; other words for them are in otherWords.
func choice[T ~string](d *decoder, allowed ...T) func(entry) (T, bool) {
	return func(e entry) (T, bool) {
		word, ok := d.word(e)
		if !ok {
			return "", false
		}
		names := make([]string, len(allowed))
		for i, a := range allowed {
			if string(a) == word {
				d.refuse(e.path+"="+word, d.span(e))
				return a, true
			}
			names[i] = string(a)
		}
		d.fail(e, codeValue, allowedHint(word, names), "`%s` cannot be `%s`", e.key(), word)
		return "", false
	}
}

// otherWords are what other tools call the words of the language.
var otherWords = map[string]string{
	"avg": "average", "mean": "average", "distinct": "count_distinct", "distinct_count": "count_distinct",
	"approximate_count_distinct": "approx_count_distinct", "quantile": "percentile", "boolean_sum": "sum_boolean",
	"string": "categorical", "date": "time", "timestamp": "time", "number": "numeric", "continuous": "numeric",
	"up": "increase", "down": "decrease", "frequentist": "fixed", "fdr": "bh", "benjamini_hochberg": "bh",
	"two_sided": "two", "one_sided": "one", "avg_boolean": "average", "ship": "shipped", "rolled_out": "shipped", "launched": "shipped",
	"drop": "dropped", "rejected": "dropped", "not_shipped": "dropped", "stopped": "abandoned", "inconclusive": "abandoned",
	"metrics": "input_metrics", "name": "metric", "begin": "start", "ge": "gte", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "le": "lte",
}

func meantWord(word string, allowed []string) (string, bool) {
	if meant := otherWords[strings.ToLower(word)]; meant != "" {
		if slices.Contains(allowed, meant) {
			return meant, true
		}
	}
	return diag.Nearest(word, allowed)
}

// bytes is a size such as 2 TB.
func (d *decoder) bytes(e entry) (int64, bool) {
	value, ok := d.scalar(e)
	if !ok {
		return 0, false
	}
	n, err := humanize.ParseBytes(value)
	if err != nil || n > math.MaxInt64 {
		d.wrongType(e, "a size", "write a number and a unit, such as 500 GB")
		return 0, false
	}
	return int64(n), true
}
