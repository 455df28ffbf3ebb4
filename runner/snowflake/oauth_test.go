package snowflake_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"assay/runner"
	"assay/runner/snowflake"
)

// TestRefreshedToken: a client of the account's logs in with an access token that it has for the profile's, or is told that this one is
// of no use any more.
func TestRefreshedToken(t *testing.T) {
	var logIns []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasPrefix(r.URL.Path, "/oauth/"):
			id, secret, _ := r.BasicAuth()
			if r.FormValue("grant_type") != "refresh_token" || r.FormValue("refresh_token") != "lasting" || id != "client" || secret != "hidden" {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprintf(w, `{"error": "invalid_grant", "message": "expired: %s"}`, r.FormValue("refresh_token"))
				return
			}
			fmt.Fprint(w, `{"access_token": "fresh", "token_type": "Bearer", "expires_in": 600}`)
		case strings.Contains(r.URL.Path, "login"):
			body, _ := io.ReadAll(r.Body)
			logIns = append(logIns, string(body))
			fmt.Fprint(w, `{"success": true, "data": {"token": "t", "masterToken": "m", "sessionId": 1}}`)
		default:
			fmt.Fprint(w, `{"success": true}`)
		}
	}))
	defer server.Close()
	host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	fields := map[string]any{
		"account": "org-name", "user": "u", "authenticator": "oauth", "token": "lasting", "oauth_client_id": "client", "oauth_client_secret": "hidden",
		"database": "d", "host": host, "port": port, "protocol": "http", "connect_retries": 0,
	}
	connect(t, fields)
	if len(logIns) != 1 || !strings.Contains(logIns[0], `"TOKEN":"fresh"`) || strings.Contains(logIns[0], "lasting") {
		t.Errorf("logs in by %s", logIns)
	}
	fields["token"] = "correct horse"
	warehouse, err := snowflake.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	defer warehouse.Close()
	_, err = warehouse.Connect(t.Context())
	if err == nil || !strings.Contains(err.Error(), "`token` is to be one to refresh with") || strings.Contains(err.Error(), "horse") {
		t.Error(err)
	}
}
