package expr

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"assay/internal/diag"
)

// kind of a token.
type kind uint8

const (
	word     kind = iota // a name or keyword without quotes
	quoted               // "a name"
	str                  // 'text'
	number               // 1, 1.5, 1e3
	operator             // an operator, comma or parenthesis
	property             // {{ a call }}
	date                 // DATE 'text'
	stamp                // TIMESTAMP 'text'
	typeName             // the type of a CAST
)

// A token is bytes [lo, hi) of the text; value is what they say, without quotes.
type token struct {
	kind   kind
	lo, hi int
	value  string
	prop   *Property // of a property
	close  int       // of a word before a parenthesis: the token that closes it
}

// is reports whether the token is the unquoted keyword or the operator s, given in capitals.
func (t token) is(s string) bool {
	return (t.kind == word || t.kind == operator) && strings.EqualFold(t.value, s)
}

// A lexer cuts text into tokens. It stops at the first thing it cannot read.
type lexer struct {
	text   diag.Text
	bag    *diag.Bag
	pos    int
	tokens []token
}

// lex cuts text into tokens; ok is false where a mistake was reported.
func lex(text diag.Text, bag *diag.Bag) (tokens []token, ok bool) {
	l := &lexer{text: text, bag: bag}
	for l.pos < len(text.Value) {
		if !l.next() {
			return nil, false
		}
	}
	return l.tokens, true
}

func (l *lexer) next() bool {
	rest := l.text.Value[l.pos:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case unicode.IsSpace(r):
		l.pos += size
		return true
	case isNameStart(r):
		return l.take(word, runLength(rest, isNamePart))
	case bareDate.MatchString(rest):
		date := bareDate.FindString(rest)
		return l.fail(len(date), "a date without quotes is a subtraction", "write '"+date+"'")
	case isDigit(r), r == '.' && len(rest) > 1 && isDigit(rune(rest[1])):
		return l.number(rest)
	case r == '\'':
		return l.delimited(rest, str, "this text has no closing quote", "close it with '; a quote inside is written ''")
	case r == '"':
		return l.delimited(rest, quoted, "this name has no closing quote", "text is written in single quotes, names in double quotes")
	case strings.HasPrefix(rest, "{{"):
		return l.call(rest)
	}
	return l.operator(rest, size)
}

// bareDate is a date that stands outside of a text.
var bareDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}\b`)

func (l *lexer) take(k kind, size int) bool {
	l.tokens = append(l.tokens, token{kind: k, lo: l.pos, hi: l.pos + size, value: l.text.Value[l.pos : l.pos+size]})
	l.pos += size
	return true
}

func (l *lexer) fail(size int, message, hint string) bool {
	l.bag.Add(diag.Diagnostic{Code: syntax, Message: message, Span: l.text.At(l.pos, l.pos+size), Hint: hint})
	return false
}

// number takes digits with an optional fraction and exponent, which no letter may follow.
func (l *lexer) number(rest string) bool {
	n := runLength(rest, isDigit)
	if n < len(rest) && rest[n] == '.' {
		n++
		n += runLength(rest[n:], isDigit)
	}
	n += exponentLength(rest[n:])
	if tail := runLength(rest[n:], isNamePart); tail > 0 {
		return l.fail(n+tail, fmt.Sprintf("`%s` is neither a number nor a name", rest[:n+tail]),
			"a name that starts with a digit is written in double quotes")
	}
	return l.take(number, n)
}

// exponentLength is the length of e10, E+10 or e-10 at the start of s, 0 where there is none.
func exponentLength(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	n := 1
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	digits := runLength(s[n:], isDigit)
	if digits == 0 {
		return 0
	}
	return n + digits
}

// delimited takes text between two of the first byte of rest; the byte doubled stands for itself.
func (l *lexer) delimited(rest string, k kind, unclosed, hint string) bool {
	quote := rest[:1]
	for n := 1; n < len(rest); n++ {
		switch {
		case rest[n] != quote[0]:
		case strings.HasPrefix(rest[n+1:], quote):
			n++
		default:
			l.take(k, n+1)
			l.tokens[len(l.tokens)-1].value = strings.ReplaceAll(rest[1:n], quote+quote, quote)
			return k == str || n > 1 || l.fail(0, "an empty name", "")
		}
	}
	return l.fail(len(rest), unclosed, hint)
}

// call takes {{ a call }}.
func (l *lexer) call(rest string) bool {
	end := strings.Index(rest, "}}")
	if end < 0 {
		return l.fail(len(rest), "`{{` without `}}`", "write {{ Dimension('entity__dimension') }}")
	}
	prop, ok := ParseProperty(l.text.Slice(l.pos+2, l.pos+end), l.bag)
	if !ok {
		return false
	}
	prop.Span = l.text.At(l.pos, l.pos+end+2)
	l.take(property, end+2)
	l.tokens[len(l.tokens)-1].prop = prop
	return true
}

// refused are spellings that other languages have; each with what to write here.
var refused = []struct{ text, message, hint string }{
	{"--", "a comment inside an expression", "use a YAML comment: # …"},
	{"/*", "a comment inside an expression", "use a YAML comment: # …"},
	{"#", "a comment inside an expression", "use a YAML comment on a line of its own"},
	{"::", "`::` is not portable", "write CAST(x AS type)"},
	{"==", "`==` is no operator", "write ="},
	{"&&", "`&&` is no operator", "write AND"},
	{";", "an expression does not end in `;`", "remove it"},
	{"`", "names are not written in backquotes", "write a name in double quotes"},
	{".", "columns are named without their table", "write the column's name alone; \"in double quotes\" where it holds a dot"},
	{"!", "`!` is no operator", "write NOT"},
	{"‘", curly, straight},
	{"’", curly, straight},
	{"“", curly, straight},
	{"”", curly, straight},
	{"{%", "statements of a template are not run", "{{ env_var('X') }} and {{ var('x') }} are filled in"},
}

const (
	curly    = "quotes are straight in an expression"
	straight = "write 'text', and names in \"double quotes\" where they need any"
)

var operators = []string{"<=", ">=", "<>", "!=", "||", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ","}

func (l *lexer) operator(rest string, size int) bool {
	for _, op := range operators {
		if strings.HasPrefix(rest, op) && !strings.HasPrefix(rest, "--") && !strings.HasPrefix(rest, "/*") &&
			!strings.HasPrefix(rest, "==") {
			return l.take(operator, len(op))
		}
	}
	for _, r := range refused {
		if strings.HasPrefix(rest, r.text) {
			return l.fail(len(r.text), r.message, r.hint)
		}
	}
	return l.fail(size, fmt.Sprintf("%q has no meaning in an expression", rest[:size]), outside)
}

// runLength is the length in bytes of the longest start of s whose runes are all in class.
func runLength(s string, class func(rune) bool) int {
	for i, r := range s {
		if !class(r) {
			return i
		}
	}
	return len(s)
}

func isDigit(r rune) bool     { return '0' <= r && r <= '9' }
func isNameStart(r rune) bool { return r == '_' || r != utf8.RuneError && unicode.IsLetter(r) }
func isNamePart(r rune) bool  { return isNameStart(r) || isDigit(r) || r == '$' || unicode.IsMark(r) }
