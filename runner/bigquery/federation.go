package bigquery

import (
	"context"
	"net/url"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/google/externalaccount"
	"google.golang.org/api/option"

	"assay/runner"
)

// federation are the fields of a log-in by workload identity federation: who gives tokens, and who takes them for Google's.
type federation struct {
	Provider         string        `json:"workload_pool_provider_path"`       // //iam.googleapis.com/projects/…/providers/…
	ImpersonationURL string        `json:"service_account_impersonation_url"` // of the service account to act as, if any
	TokenEndpoint    tokenEndpoint `json:"token_endpoint"`
}

// tokenEndpoint is where an identity provider gives tokens.
type tokenEndpoint struct {
	Type    string `json:"type"` // entra
	Address string `json:"request_url"`
	Form    string `json:"request_data"` // what is asked with, as a form is encoded
}

// actingScope is what it takes to act as another account.
const actingScope = "https://www.googleapis.com/auth/cloud-platform"

// federated exchanges tokens of another identity provider's.
func (c *config) federated(output runner.Output) (option.ClientOption, error) {
	for _, field := range []struct{ name, value string }{
		{"workload_pool_provider_path", c.Provider}, {"token_endpoint.request_url", c.TokenEndpoint.Address},
		{"token_endpoint.request_data", c.TokenEndpoint.Form},
	} {
		if field.value == "" {
			return nil, output.Errorf("`%s` is missing, for `method: external-oauth-wif`", field.name)
		}
	}
	if c.TokenEndpoint.Type != "entra" {
		return nil, output.FieldErrorf("token_endpoint", "`type` of `token_endpoint` is entra, not `%s`", c.TokenEndpoint.Type)
	}
	form, err := url.ParseQuery(c.TokenEndpoint.Form)
	if err != nil {
		return nil, output.FieldErrorf("token_endpoint", "`request_data` is to be encoded as a form: name=value&…")
	}
	scopes := c.Scopes
	if c.ImpersonateServiceAccount != "" {
		scopes = []string{actingScope}
	}
	source, err := externalaccount.NewTokenSource(context.Background(), externalaccount.Config{
		Audience: c.Provider, SubjectTokenType: "urn:ietf:params:oauth:token-type:jwt", TokenURL: c.TokenURI, Scopes: scopes,
		ServiceAccountImpersonationURL: c.ImpersonationURL,
		SubjectTokenSupplier: &subject{clientcredentials.Config{
			TokenURL: c.TokenEndpoint.Address, EndpointParams: form, AuthStyle: oauth2.AuthStyleInParams,
		}},
	})
	if err != nil {
		return nil, output.FieldErrorf("workload_pool_provider_path", "%w", err)
	}
	return option.WithTokenSource(source), nil
}

// A subject asks its identity provider for a token each time: Google's, which it is exchanged for, is kept while it lasts.
type subject struct{ clientcredentials.Config }

// SubjectToken implements externalaccount.SubjectTokenSupplier.
func (s *subject) SubjectToken(ctx context.Context, _ externalaccount.SupplierOptions) (string, error) {
	token, err := s.Token(ctx)
	if err != nil {
		return "", err
	}
	return token.AccessToken, nil
}
