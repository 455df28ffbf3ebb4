package redshift_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"assay/internal/redshifttest"
	"assay/runner"
	"assay/runner/redshift"
)

// issued is the user whom the stand-in of AWS gives a password of.
const issued = "IAM:assay"

// aws answers as the service's reference shows it; asked are the requests' names and what they ask for.
func aws(t *testing.T) (asked *[]string) {
	t.Helper()
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(r.Header.Get("Authorization"), "Credential=AKID/") || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/") {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>%s may not redshift:GetClusterCredentials</Message></Error></ErrorResponse>",
				"correct horse")
			return
		}
		if target, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "RedshiftServerless."); ok {
			var of struct{ WorkgroupName, DbName string }
			json.Unmarshal(body, &of)
			*asked = append(*asked, fmt.Sprint(target, " ", of.WorkgroupName, " ", of.DbName != ""))
			fmt.Fprintf(w, `{"dbUser": %q, "dbPassword": "short lived"}`, issued)
			return
		}
		form, _ := url.ParseQuery(string(body))
		name := form.Get("Action")
		*asked = append(*asked, fmt.Sprint(name, " ", form.Get("ClusterIdentifier"), " ", form.Get("DbUser"), " ", form.Get("DbGroups.DbGroup.1")))
		fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult><DbUser>%[2]s</DbUser><DbPassword>short lived</DbPassword></%[1]sResult></%[1]sResponse>",
			name, issued)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return asked
}

// identified are the fields of a profile that leads to the stand-in, whose user AWS gives out.
func identified(t *testing.T) map[string]any {
	t.Helper()
	dsn := redshifttest.Start(t)
	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	warehouse, err := redshift.Open(runner.Output{Name: "prod", Fields: map[string]any{"dsn": dsn}})
	if err != nil {
		t.Fatal(err)
	}
	defer warehouse.Close()
	session, err := warehouse.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	const make = `DO $$ BEGIN CREATE USER "` + issued + `"; EXCEPTION WHEN duplicate_object THEN NULL; END $$`
	if _, err := session.Exec(t.Context(), make); err != nil {
		t.Fatal(err)
	}
	return map[string]any{"host": config.Host, "port": int(config.Port), "dbname": config.Database, "sslmode": "disable",
		"region": "eu-west-1", "access_key_id": "AKID", "secret_access_key": "correct horse"}
}

// TestLogInByIdentity: each connection has the user and the password that AWS gives out for it.
func TestLogInByIdentity(t *testing.T) {
	asked, fields := aws(t), identified(t)
	for _, test := range []struct {
		more map[string]any
		want string
	}{
		{map[string]any{"method": "iam", "user": "assay", "cluster_id": "shop", "db_groups": []any{"readers"}}, "GetClusterCredentials shop assay readers"},
		{map[string]any{"method": "iam_role", "cluster_id": "shop"}, "GetClusterCredentialsWithIAM shop  "},
		{map[string]any{"method": "iam", "is_serverless": true, "serverless_work_group": "quick"}, "GetCredentials quick true"},
	} {
		*asked = nil
		rows, err := openWith(t, fields, test.more)
		if err != nil || rows != issued || len(*asked) != 1 || (*asked)[0] != test.want {
			t.Errorf("%v: as %v, asked %q, %v", test.more, rows, *asked, err)
		}
	}
}

// TestRefusedIdentity: what AWS says is told with what to check, and no secret with it.
func TestRefusedIdentity(t *testing.T) {
	aws(t)
	_, err := openWith(t, identified(t), map[string]any{"method": "iam_role", "cluster_id": "shop", "access_key_id": "OTHER"})
	if err == nil || strings.Contains(err.Error(), "horse") ||
		!strings.Contains(err.Error(), "may not redshift:GetClusterCredentials") || !strings.Contains(err.Error(), "AWS gave no password") {
		t.Error(err)
	}
}

// openWith is the user of a session by a profile with further fields.
func openWith(t *testing.T, fields, more map[string]any) (any, error) {
	t.Helper()
	fields = maps.Clone(fields)
	maps.Copy(fields, more)
	warehouse, err := redshift.Open(runner.Output{Name: "prod", Fields: fields})
	if err != nil {
		return nil, err
	}
	defer warehouse.Close()
	session, err := warehouse.Connect(t.Context())
	if err != nil {
		return nil, err
	}
	defer session.Close()
	rows, err := session.Query(t.Context(), "SELECT CAST(current_user AS varchar(99)) AS name")
	if err != nil {
		return nil, err
	}
	return rows.Values[0][0], nil
}
