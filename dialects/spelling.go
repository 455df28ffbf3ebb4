package dialects

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"assay/compiler/rel"
)

// A Level is how tightly an expression's outermost operator binds. The printer puts parentheses around an operand that binds
// less tightly than its place wants, and nowhere else.
type Level uint8

const (
	LevelOr Level = iota + 1
	LevelAnd
	LevelNot
	LevelCompare // =, <, IS, IN, LIKE: none takes another as an operand
	LevelConcat
	LevelSum
	LevelProduct
	LevelUnary
	LevelPostfix // AT TIME ZONE, COLLATE
	LevelAtom    // a name, literal or call
)

// associative operators take their own kind as an operand on either side.
func (l Level) associative() bool {
	return l == LevelOr || l == LevelAnd || l == LevelConcat || l == LevelAtom
}

// leftAssociative operators take their own kind as their first operand.
func (l Level) leftAssociative() bool { return l == LevelSum || l == LevelProduct }

// A Spelling is how an operation is written. In Template, $1, $2, … stand for the arguments, $* for all of them, $2* for those
// from the second on; $unit, $interval, $part and $type for what the operation has of these; $float and the like for the names of
// types. An aggregate may have $order and $filter, and a window function has $over. The zero Spelling says that the engine has no
// way to write the operation.
type Spelling struct {
	Template string
	Level    Level
}

// An Operation is what a Form spells: a call of a scalar, aggregate or window function, or a cast.
type Operation struct {
	Args []rel.Expr
	Unit rel.Unit
	Part rel.Part
	Type rel.Type // of the result
}

// A Form chooses the spelling of an operation, by its types and literals where it must. A nil Form is an operation that the
// engine lacks.
type Form func(Operation) Spelling

func (f Form) spell(op Operation) Spelling {
	if f == nil {
		return Spelling{}
	}
	return f(op)
}

// Call is the form of what binds like a name: calls, CASE, CAST.
func Call(template string) Form { return Operator(LevelAtom, template) }

// Operator is the form of an operator whose operands bind more tightly than it does.
func Operator(level Level, template string) Form {
	return func(Operation) Spelling { return Spelling{template, level} }
}

// Infix is the form of an operator between any number of operands.
func Infix(level Level, operator string) Form {
	return func(op Operation) Spelling {
		places := make([]string, len(op.Args))
		for i := range places {
			places[i] = "$" + strconv.Itoa(i+1)
		}
		return Spelling{strings.Join(places, " "+operator+" "), level}
	}
}

// A hole is a placeholder of a template with the text before it; the last has no name.
type hole struct {
	text, name string
	leading    bool // nothing stands before it
	delimited  bool // an operand of any level stands here by itself
	postfixed  bool // what follows binds to no more than this operand
}

var (
	placeholder     = regexp.MustCompile(`\$(\d+\*?|\*|[a-z]+)`)
	delimitedBefore = regexp.MustCompile(`([(,] ?|\b(FROM|BY|WHEN|THEN|ELSE|DISTINCT) )$`)
	postfixAfter    = regexp.MustCompile(`^ (COLLATE|AT TIME ZONE)\b`)
	delimitedAfter  = regexp.MustCompile(`^([),]| (AS|THEN|WHEN|ELSE|END|NULLS)\b)`)
)

// known keeps templates once parsed: a program fills the same few many times.
var known sync.Map

func holes(template string) []hole {
	if list, ok := known.Load(template); ok {
		return list.([]hole)
	}
	var list []hole
	at := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(template, -1) {
		before, after := template[:m[0]], template[m[1]:]
		list = append(list, hole{
			text:      template[at:m[0]],
			name:      template[m[2]:m[3]],
			leading:   before == "",
			delimited: delimitedBefore.MatchString(before) && delimitedAfter.MatchString(after),
			postfixed: postfixAfter.MatchString(after),
		})
		at = m[1]
	}
	list = append(list, hole{text: template[at:]})
	known.Store(template, list)
	return list
}

// need is how tightly an operand must bind to stand in h, in a template of a level.
func (h hole) need(level Level) Level {
	switch {
	case h.delimited:
		return LevelOr
	case h.postfixed:
		return LevelPostfix
	case level.associative(), level.leftAssociative() && h.leading:
		return level
	default:
		return level + 1
	}
}

// fill replaces the holes of a template by texts that stand by themselves.
func fill(template string, texts map[string]string) string {
	var b strings.Builder
	for _, h := range holes(template) {
		b.WriteString(h.text)
		b.WriteString(texts[h.name])
	}
	return b.String()
}
