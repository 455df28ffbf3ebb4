package trino

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/trinodb/trino-go-client/trino"

	"assay/runner"
)

// config are a profile's fields, named as dbt's adapter names them.
type config struct {
	Method            string            `json:"method"` // none, ldap, jwt, certificate or oauth; default: none
	Host              string            `json:"host"`   // default: localhost
	Port              runner.Number     `json:"port"`   // default: 8080, or 443 with https
	User              string            `json:"user"`
	Password          string            `json:"password"`
	JWTToken          string            `json:"jwt_token"`
	Cert              any               `json:"cert"` // a file of authorities to trust; false: any certificate is taken
	ClientCertificate string            `json:"client_certificate"`
	ClientPrivateKey  string            `json:"client_private_key"`
	HTTPScheme        string            `json:"http_scheme"` // default: http with method none, else https
	Database          string            `json:"database"`    // the catalog
	Schema            string            `json:"schema"`
	ScratchSchema     string            `json:"scratch_schema"` // where staged steps go; default: schema
	SessionProperties map[string]string `json:"session_properties"`
	Roles             map[string]string `json:"roles"` // by catalog
	ClientTags        []string          `json:"client_tags"`
	Retries           runner.Number     `json:"retries"` // of what is transient; default: 3
	runner.Common
}

// dbtOnly are fields of dbt's adapter: statements run unprepared, at UTC.
var dbtOnly = []string{"prepared_statements_enabled", "timezone", "suppress_cert_warning"}

// requestPatience is how long the driver itself tries to reach the server for one request: a query is many of them.
const requestPatience = 10 * time.Second

// methods are the ways to log in, and what each wants of the profile.
var methods = map[string]func(*config, *trino.Config){
	"none":        func(*config, *trino.Config) {},
	"ldap":        func(*config, *trino.Config) {},
	"jwt":         func(c *config, t *trino.Config) { t.AccessToken = c.JWTToken },
	"certificate": func(*config, *trino.Config) {},
	"oauth":       func(_ *config, t *trino.Config) { t.ExternalAuthentication = true },
}

func (c *config) connector(output runner.Output) (*trino.Connector, error) {
	logIn, known := methods[c.Method]
	if !known {
		return nil, fmt.Errorf("`method` is none, ldap, jwt, certificate or oauth, not `%s`", c.Method)
	}
	t := &trino.Config{
		ServerURI: c.server().String(), Source: "assay", Catalog: c.Database, Schema: c.Schema, TimeZone: "UTC",
		SessionProperties: c.SessionProperties, Roles: c.Roles, ClientTags: c.ClientTags,
	}
	patience := requestPatience
	t.RequestRetryTimeout = &patience
	logIn(c, t)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	var err error
	if transport.TLSClientConfig, err = c.tls(output); err != nil {
		return nil, err
	}
	t.HTTPClient = &http.Client{Transport: metered{transport}}
	return trino.NewConnector(t)
}

// tls is who is trusted, and who we say we are. The driver reads the files, and takes them for no client but its own.
func (c *config) tls(output runner.Output) (*tls.Config, error) {
	var files trino.Config
	switch cert := c.Cert.(type) {
	case string:
		files.SSLCertPath = output.Path(cert)
	case bool:
		if !cert {
			files.SSLVerification = trino.SSLVerificationNone
		}
	}
	if c.ClientCertificate != "" {
		files.SSLClientCertPath, files.SSLClientKeyPath = output.Path(c.ClientCertificate), output.Path(c.ClientPrivateKey)
	}
	return files.TLSConfig()
}

func (c *config) server() *url.URL {
	scheme, port := c.HTTPScheme, 443
	if scheme == "" && c.Method == "none" || scheme == "http" {
		scheme, port = "http", 8080
	}
	u := &url.URL{Scheme: cmp.Or(scheme, "https"), Host: net.JoinHostPort(c.Host, strconv.Itoa(cmp.Or(int(c.Port), port)))}
	u.User = url.User(c.User)
	if c.Password != "" {
		u.User = url.UserPassword(c.User, c.Password)
	}
	return u
}
