package bigquery_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"assay/internal/bigquerytest"
	"assay/runner"
	"assay/runner/bigquery"
)

// TestFederation: a token of the identity provider's is exchanged for one of Google's, which the service is asked with; who refuses is
// named, and no secret.
func TestFederation(t *testing.T) {
	exchange := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/entra" && r.FormValue("client_secret") == bigquerytest.Secret && r.FormValue("client_id") == "assay":
			fmt.Fprint(w, `{"access_token": "theirs", "token_type": "Bearer", "expires_in": 3600}`)
		case r.URL.Path == "/sts" && r.FormValue("subject_token") == "theirs" && r.FormValue("audience") == "//iam.googleapis.com/pool":
			fmt.Fprint(w, `{"access_token": "googles", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
				"token_type": "Bearer", "expires_in": 3600}`)
		default:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error": "invalid_client", "error_description": "no: %s"}`, r.FormValue("client_secret"))
		}
	}))
	defer exchange.Close()
	s := bigquerytest.New(t, nothing)
	federated := map[string]any{"method": "external-oauth-wif", "token": "", "workload_pool_provider_path": "//iam.googleapis.com/pool",
		"token_uri": exchange.URL + "/sts", "token_endpoint": map[string]any{"type": "entra", "request_url": exchange.URL + "/entra",
			"request_data": "grant_type=client_credentials&client_id=assay&client_secret=" + strings.ReplaceAll(bigquerytest.Secret, " ", "+")}}

	connect(t, s, federated)

	if s.Tokens["googles"] == 0 || len(s.Tokens) != 1 {
		t.Errorf("asked with %v", s.Tokens)
	}
	federated["token_endpoint"].(map[string]any)["request_data"] = "client_id=assay&client_secret=horses"
	fields := s.Fields()
	maps.Copy(fields, federated)
	warehouse, err := bigquery.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	defer warehouse.Close()
	_, err = warehouse.Connect(t.Context())
	if err == nil || !strings.Contains(err.Error(), "invalid_client") || strings.Contains(err.Error(), "horses") {
		t.Error(err)
	}
}
