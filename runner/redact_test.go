package runner_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"assay/runner"
)

func TestSecretsAreHidden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[a-zA-Z0-9%&/+ @:'"\\é]{6,20}`).Draw(t, "secret")
		before, after := rapid.StringMatching(`[A-Z. ]*`).Draw(t, "before"), rapid.StringMatching(`[A-Z. ]*`).Draw(t, "after")
		cause := fmt.Errorf("%s%s%s: %w", before, secret, after, context.Canceled)

		err := runner.NewSecrets("", secret, secret+"!").HideIn(fmt.Errorf("connecting: %w", cause))

		for _, verb := range []string{"%v", "%+v", "%q"} {
			if shown := fmt.Sprintf(verb, fmt.Errorf("run: %w", err)); strings.Contains(shown, secret) {
				t.Fatalf("%s shows the secret: %s", verb, shown)
			}
		}
		if !errors.Is(err, context.Canceled) || errors.Unwrap(err) != nil {
			t.Fatal("the cause must be recognised and out of reach")
		}
	})
}

func TestSecretsInURLs(t *testing.T) {
	hidden := runner.NewSecrets("p@ss word/1").Hide("postgres://u:p%40ss+word%2F1@h and p%40ss%20word%2F1 and p@ss word/1")
	if hidden != "postgres://u:****@h and **** and ****" {
		t.Error(hidden)
	}
}
