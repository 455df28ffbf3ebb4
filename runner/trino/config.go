package trino

import (
	"cmp"
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
	Cert              string            `json:"cert"` // a file of authorities to trust
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

// requestPatience is how long the driver itself tries to reach the server for one request: a query is many of them.
const requestPatience = 10 * time.Second

// methods are the ways to log in, and what each wants of the profile.
var methods = map[string]func(*config, *trino.Config){
	"none": func(*config, *trino.Config) {},
	"ldap": func(*config, *trino.Config) {},
	"jwt":  func(c *config, t *trino.Config) { t.AccessToken = c.JWTToken },
	"certificate": func(c *config, t *trino.Config) {
		t.SSLClientCertPath, t.SSLClientKeyPath = c.ClientCertificate, c.ClientPrivateKey
	},
	"oauth": func(_ *config, t *trino.Config) { t.ExternalAuthentication = true },
}

func (c *config) connector() (*trino.Connector, error) {
	logIn, known := methods[c.Method]
	if !known {
		return nil, fmt.Errorf("`method` is none, ldap, jwt, certificate or oauth, not `%s`", c.Method)
	}
	t := &trino.Config{
		ServerURI: c.server().String(), Source: "assay", Catalog: c.Database, Schema: c.Schema, TimeZone: "UTC",
		SessionProperties: c.SessionProperties, Roles: c.Roles, ClientTags: c.ClientTags, SSLCertPath: c.Cert,
	}
	patience := requestPatience
	t.RequestRetryTimeout = &patience
	logIn(c, t)
	tls, err := t.TLSConfig()
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = tls
	t.HTTPClient = &http.Client{Transport: metered{transport}}
	return trino.NewConnector(t)
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
