package snowflake

import (
	"cmp"
	"crypto/rsa"
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/snowflakedb/gosnowflake/v2"

	"assay/dialects/snowflake"
	"assay/internal/diag"
	"assay/runner"
)

// config are a profile's fields, named as dbt's adapter names them.
type config struct {
	Account                string        `json:"account"`
	User                   string        `json:"user"`
	Password               string        `json:"password"`
	Authenticator          string        `json:"authenticator"` // default: by what else is given
	Token                  string        `json:"token"`         // of OAuth, or a programmatic access token
	PrivateKey             string        `json:"private_key"`   // the key itself: PEM, or its base64 alone
	PrivateKeyPath         string        `json:"private_key_path"`
	PrivateKeyPassphrase   string        `json:"private_key_passphrase"`
	OAuthClientID          string        `json:"oauth_client_id"` // whose token is one to refresh with
	OAuthClientSecret      string        `json:"oauth_client_secret"`
	WorkloadProvider       string        `json:"workload_identity_provider"` // AWS, AZURE, GCP or OIDC
	WorkloadResource       string        `json:"workload_identity_entra_resource"`
	Role                   string        `json:"role"`
	Warehouse              string        `json:"warehouse"`
	Database               string        `json:"database"`
	Schema                 string        `json:"schema"`    // default: PUBLIC
	QueryTag               string        `json:"query_tag"` // before the run's and experiment's
	ClientSessionKeepAlive bool          `json:"client_session_keep_alive"`
	ConnectRetries         runner.Number `json:"connect_retries"`
	ConnectTimeout         runner.Number `json:"connect_timeout"` // seconds
	Host                   string        `json:"host"`            // where it is not the account's
	Port                   runner.Number `json:"port"`
	Protocol               string        `json:"protocol"` // default: https
	ProxyHost              string        `json:"proxy_host"`
	ProxyPort              runner.Number `json:"proxy_port"`
	runner.Common
}

// dbtOnly are fields of dbt's adapter: one session is used at a time, and tried again by its own rules.
var dbtOnly = []string{"retry_on_database_errors", "retry_all", "reuse_connections", "insecure_mode", "s3_stage_vpce_dns_name",
	"platform_detection_timeout_seconds"}

// connection is what the driver needs, with sessions set up as runner.Session promises.
func (c *config) connection(output runner.Output) (gosnowflake.Config, error) {
	conn := gosnowflake.Config{
		Account: c.Account, User: c.User, Password: c.Password, Token: c.Token,
		Database: c.Database, Schema: snowflake.Dialect.Ident(fold(c.Schema)), Warehouse: c.Warehouse, Role: c.Role,
		Host: c.Host, Port: int(c.Port), Protocol: c.Protocol, ProxyHost: c.ProxyHost, ProxyPort: int(c.ProxyPort),
		WorkloadIdentityProvider: c.WorkloadProvider, WorkloadIdentityEntraResource: c.WorkloadResource,
		Application: "assay", MaxRetryCount: int(c.ConnectRetries),
		//lint:ignore SA1019 marked as perhaps to be moved one day: there is no other field for it yet
		LoginTimeout: time.Duration(c.ConnectTimeout) * time.Second,
		// A schema that is not there yet is made by the first run.
		ValidateDefaultParameters: gosnowflake.ConfigBoolFalse,
		DisableConsoleLogin:       gosnowflake.ConfigBoolFalse,
		// Who has logged in by a browser or a second factor is not asked again with each command, where the account allows that.
		ClientStoreTemporaryCredential: gosnowflake.ConfigBoolTrue,
		ClientRequestMfaToken:          gosnowflake.ConfigBoolTrue,
		Params:                         c.parameters(),
	}
	if err := c.require(output); err != nil {
		return conn, err
	}
	if err := c.authenticate(output, &conn); err != nil {
		return conn, err
	}
	if conn.Authenticator != gosnowflake.AuthTypeJwt {
		return conn, nil
	}
	key, err := c.key(output)
	conn.PrivateKey = key
	return conn, err
}

// require refuses a profile without what every log-in wants.
func (c *config) require(output runner.Output) error {
	for _, field := range []struct{ name, value string }{{"account", c.Account}, {"database", c.Database}} {
		if field.value == "" {
			return output.Errorf("`%s` is missing", field.name)
		}
	}
	return nil
}

// parameters are those of the session.
func (c *config) parameters() map[string]*string {
	parameters := map[string]*string{}
	set := func(name, value string) { parameters[name] = &value }
	set("TIMEZONE", "UTC")
	// What nobody waits for any more ends.
	set("ABORT_DETACHED_QUERY", "true")
	set("CLIENT_TELEMETRY_ENABLED", "false")
	set("CLIENT_SESSION_KEEP_ALIVE", fmt.Sprint(c.ClientSessionKeepAlive))
	if c.StatementTimeout > 0 {
		set("STATEMENT_TIMEOUT_IN_SECONDS", fmt.Sprint(c.StatementTimeout))
	}
	return parameters
}

// logins are the ways to log in by the profile's words for them, with the field that each wants besides.
var logins = map[string]struct {
	way   gosnowflake.AuthType
	wants string
}{
	"snowflake":                 {gosnowflake.AuthTypeSnowflake, "password"},
	"username_password_mfa":     {gosnowflake.AuthTypeUsernamePasswordMFA, "password"},
	"snowflake_jwt":             {gosnowflake.AuthTypeJwt, "private_key_path"},
	"oauth":                     {gosnowflake.AuthTypeOAuth, "token"},
	"programmatic_access_token": {gosnowflake.AuthTypePat, "token"},
	"externalbrowser":           {gosnowflake.AuthTypeExternalBrowser, "user"},
	"workload_identity":         {gosnowflake.AuthTypeWorkloadIdentityFederation, "workload_identity_provider"},
}

// authenticate chooses the way to log in, and refuses one that lacks something.
func (c *config) authenticate(output runner.Output, conn *gosnowflake.Config) error {
	name := cmp.Or(strings.ToLower(c.Authenticator), c.implied())
	if address, err := url.Parse(name); err == nil && address.Scheme == "https" {
		conn.Authenticator, conn.OktaURL = gosnowflake.AuthTypeOkta, address
		return nil
	}
	login, ok := logins[name]
	if !ok {
		return output.FieldErrorf("authenticator", "no log-in is called `%s`; %s", name, diag.Suggest(name, slices.Collect(maps.Keys(logins))))
	}
	given := map[string]string{
		"user": c.User, "password": c.Password, "token": c.Token, "private_key_path": cmp.Or(c.PrivateKey, c.PrivateKeyPath),
		"workload_identity_provider": c.WorkloadProvider,
	}
	if given[login.wants] == "" {
		return output.Errorf("`%s` is missing, for `authenticator: %s`", login.wants, name)
	}
	if c.User == "" && login.wants != "token" && login.wants != "workload_identity_provider" {
		return output.Errorf("`user` is missing")
	}
	conn.Authenticator = login.way
	return nil
}

// implied is the log-in for which the profile has what it takes.
func (c *config) implied() string {
	switch {
	case c.PrivateKey != "" || c.PrivateKeyPath != "":
		return "snowflake_jwt"
	case c.Token != "" && c.Password == "":
		return "oauth"
	}
	return "snowflake"
}

// key is the private key that the profile holds or names.
func (c *config) key(output runner.Output) (*rsa.PrivateKey, error) {
	name, text := "private_key", c.PrivateKey
	switch {
	case c.PrivateKey != "" && c.PrivateKeyPath != "":
		return nil, output.FieldErrorf("private_key", "give `private_key` or `private_key_path`, not both")
	case c.PrivateKeyPath != "":
		content, err := os.ReadFile(output.Path(c.PrivateKeyPath))
		if err != nil {
			return nil, output.FieldErrorf("private_key_path", "%w", err)
		}
		name, text = "private_key_path", string(content)
	}
	key, err := parseKey(text, c.PrivateKeyPassphrase)
	if err != nil {
		return nil, output.FieldErrorf(name, "%w", err)
	}
	return key, nil
}

var bareName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]*$`)

// fold is a name as the engine takes it without quotes; what can only be a name in quotes stays.
func fold(name string) string {
	if bareName.MatchString(name) {
		return strings.ToUpper(name)
	}
	return name
}
