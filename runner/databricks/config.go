package databricks

import (
	"database/sql/driver"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	databricks "github.com/databricks/databricks-sql-go"

	"assay/runner"
)

// config are a profile's fields, named as dbt's adapter names them.
type config struct {
	Host              string         `json:"host"`      // the workspace's, or its URL
	HTTPPath          string         `json:"http_path"` // of the SQL warehouse or cluster
	Token             string         `json:"token"`
	AuthType          string         `json:"auth_type"` // oauth, with client_id and client_secret; default: token
	ClientID          string         `json:"client_id"`
	ClientSecret      string         `json:"client_secret"`
	Catalog           string         `json:"catalog"`            // default: the workspace's
	Database          string         `json:"database"`           // another name of catalog
	Schema            string         `json:"schema"`             // default: default
	ScratchSchema     string         `json:"scratch_schema"`     // where staged steps go; default: schema
	SessionProperties map[string]any `json:"session_properties"` // parameters of Spark and of Databricks, QUERY_TAGS among them
	ConnectRetries    runner.Number  `json:"connect_retries"`    // of what is transient; default: 4
	runner.Common
}

// dbtOnly are fields of dbt's adapter: models in Python, its pool of connections, and the log-ins of a person by a browser.
var dbtOnly = []string{"compute", "connect_max_idle", "connect_timeout", "retry_all", "oauth_redirect_url", "oauth_scopes"}

// Waits between the tries of a request, unless the server says how long.
const shortestWait, longestWait = 250 * time.Millisecond, 30 * time.Second

func (c *config) connector(output runner.Output) (driver.Connector, error) {
	host, port, err := c.server(output)
	if err != nil {
		return nil, err
	}
	logIn, err := c.logIn(output)
	if err != nil {
		return nil, err
	}
	return databricks.NewConnector(
		databricks.WithServerHostname(host), databricks.WithPort(port), databricks.WithHTTPPath(c.path()), logIn,
		databricks.WithInitialNamespace(c.Catalog, ""), databricks.WithSessionParams(c.parameters()),
		databricks.WithRetries(int(c.ConnectRetries), shortestWait, longestWait), databricks.WithUserAgentEntry("assay"),
		// Results are small: no detour over the cloud's storage, which a firewall may not let through.
		databricks.WithCloudFetch(false),
	)
}

// server is where the driver finds the host: a URL's scheme stays before its name.
func (c *config) server(output runner.Output) (host string, port int, err error) {
	if c.Host == "" || c.HTTPPath == "" {
		return "", 0, output.Errorf("`host` and `http_path` are those of the warehouse's connection details")
	}
	scheme, rest, given := strings.Cut(c.Host, "://")
	if !given {
		scheme, rest = "https", c.Host
	}
	u, err := url.Parse(scheme + "://" + rest)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" {
		return "", 0, output.FieldErrorf("host", "`host` is a name, as in the address of the workspace's pages")
	}
	if u.Port() == "" {
		return scheme + "://" + u.Hostname(), 443, nil
	}
	port, err = strconv.Atoi(u.Port())
	return scheme + "://" + u.Hostname(), port, err
}

// parameters are those of the session, as texts.
func (c *config) parameters() map[string]string {
	parameters := map[string]string{}
	for name, value := range c.SessionProperties {
		parameters[name] = fmt.Sprint(value)
	}
	return parameters
}

func (c *config) path() string { return "/" + strings.TrimPrefix(c.HTTPPath, "/") }

// logIn is by a token, or by the secret of a service principal.
func (c *config) logIn(output runner.Output) (databricks.ConnOption, error) {
	switch c.AuthType {
	case "", "token":
		if c.Token == "" {
			return nil, output.Errorf("`token` is missing; a service principal logs in with `auth_type: oauth`")
		}
		return databricks.WithAccessToken(c.Token), nil
	case "oauth":
		if c.ClientID == "" || c.ClientSecret == "" {
			return nil, output.Errorf("`auth_type: oauth` wants `client_id` and `client_secret`, a service principal's; a person logs in with `token`")
		}
		return databricks.WithClientCredentials(c.ClientID, c.ClientSecret), nil
	}
	return nil, output.FieldErrorf("auth_type", "`auth_type` is token or oauth, not `%s`", c.AuthType)
}
