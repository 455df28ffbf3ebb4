package project

import (
	"fmt"
	"strings"
)

// A Secret is a text that is never printed; string(s) reveals it to a driver.
type Secret string

const hiddenText = "***"

// String hides the secret.
func (Secret) String() string { return hiddenText }

// GoString hides the secret.
func (Secret) GoString() string { return hiddenText }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte(hiddenText), nil }

// secretParts occur in the names of fields that hold secrets.
var secretParts = []string{
	"password", "passphrase", "passwd", "secret", "token", "private_key", "api_key", "access_key", "keyfile_json", "credential",
	"dsn", "connection_string", "url", "uri",
}

// isSecret reports whether a field of a profile holds a secret. A path to one is none.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	if name == "pass" || name == "pwd" {
		return true
	}
	if strings.HasSuffix(name, "_path") {
		return false
	}
	for _, part := range secretParts {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// hideSecrets makes a Secret of each option that holds one, at any depth.
func hideSecrets(options []Option) []Option {
	for i := range options {
		hide(&options[i])
	}
	return options
}

func hide(o *Option) {
	switch v := o.Value.V.(type) {
	case nil:
	case []Option:
		hideSecrets(v)
	case []any:
		for _, element := range v {
			if nested, ok := element.([]Option); ok {
				hideSecrets(nested)
			}
		}
	default:
		if isSecret(o.Name.V) {
			o.Value.V = Secret(fmt.Sprint(v))
		}
	}
}
