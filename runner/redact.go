package runner

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// hidden stands where a secret stood.
const hidden = "****"

// Secrets are texts that no message may show: passwords, tokens, connection strings.
type Secrets struct{ replacer *strings.Replacer }

// NewSecrets hides each text, also as a URL would spell it. Empty texts are no secrets.
func NewSecrets(texts ...string) Secrets {
	var spellings []string
	for _, text := range texts {
		spellings = append(spellings, text, url.QueryEscape(text), url.PathEscape(text), url.User(text).String())
	}
	// A replacer takes the first that matches at a place: a secret that begins another must come after it.
	slices.SortFunc(spellings, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, s := range spellings {
		if s != "" {
			pairs = append(pairs, s, hidden)
		}
	}
	return Secrets{replacer: strings.NewReplacer(pairs...)}
}

// Hide replaces the secrets in a text.
func (s Secrets) Hide(text string) string { return s.replacer.Replace(text) }

// HideIn is err with the secrets gone from its message. errors.Is still sees its causes; nothing can print them.
func (s Secrets) HideIn(err error) error {
	if err == nil {
		return nil
	}
	return &redacted{message: s.Hide(err.Error()), cause: err}
}

// redacted does not unwrap: a cause that could be reached could be printed.
type redacted struct {
	message string
	cause   error
}

func (e *redacted) Error() string        { return e.message }
func (e *redacted) Is(target error) bool { return errors.Is(e.cause, target) }
