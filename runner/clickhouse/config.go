package clickhouse

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"

	"assay/runner"
)

// config are a profile's fields, named as dbt's adapter names them.
type config struct {
	Driver             string         `json:"driver"` // http or native; default: http
	Host               string         `json:"host"`   // default: localhost
	Port               runner.Number  `json:"port"`   // default: the protocol's
	User               string         `json:"user"`   // default: default
	Password           string         `json:"password"`
	Schema             string         `json:"schema"` // the database; default: default
	Secure             bool           `json:"secure"`
	Verify             *bool          `json:"verify"`          // the server's certificate; default: true
	ConnectTimeout     runner.Number  `json:"connect_timeout"` // seconds; default: 10
	ClientCert         string         `json:"client_cert"`
	ClientCertKey      string         `json:"client_cert_key"`
	ServerHostName     string         `json:"server_host_name"`     // in the server's certificate; default: host
	SendReceiveTimeout runner.Number  `json:"send_receive_timeout"` // seconds; default: a day
	Retries            runner.Number  `json:"retries"`              // of what is transient; default: 1
	CustomSettings     map[string]any `json:"custom_settings"`
	runner.Common

	certificates []tls.Certificate // of client_cert
}

// dbtOnly are fields of dbt's adapter: how it sends rows, which here are few, and replaces tables.
var dbtOnly = []string{"database", "sync_request_timeout", "compress_block_size", "compression", "check_exchange", "use_lw_deletes",
	"local_suffix", "local_db_prefix", "allow_automatic_deduplication", "tcp_keepalive", "reuse_connections"}

// ports are the servers' own, by protocol.
var ports = map[clickhouse.Protocol]struct{ plain, secure int }{
	clickhouse.HTTP:   {8123, 8443},
	clickhouse.Native: {9000, 9440},
}

// longestSession is how many seconds a server keeps an idle session's temporary tables at most, unless it is told otherwise.
const longestSession = 3600

// options are those of a session of its own.
func (c *config) options() *clickhouse.Options {
	o := &clickhouse.Options{
		Protocol:        protocols[c.Driver],
		Addr:            []string{c.address()},
		Auth:            clickhouse.Auth{Database: c.Schema, Username: c.User, Password: c.Password},
		DialTimeout:     time.Duration(cmp.Or(c.ConnectTimeout, 10)) * time.Second,
		ReadTimeout:     time.Duration(cmp.Or(c.SendReceiveTimeout, 24*60*60)) * time.Second,
		ConnMaxLifetime: 7 * 24 * time.Hour,
		Settings:        clickhouse.Settings{"session_timezone": "UTC"},
	}
	if c.Secure {
		o.TLS = &tls.Config{InsecureSkipVerify: c.Verify != nil && !*c.Verify, ServerName: c.ServerHostName, Certificates: c.certificates}
	}
	maps.Copy(o.Settings, c.CustomSettings)
	if o.Protocol == clickhouse.HTTP {
		o.TransportFunc = meter
		// What keeps temporary tables together; and what has an answer say whether it failed, and what it cost, before it begins.
		maps.Copy(o.Settings, clickhouse.Settings{
			"session_id": "assay-" + uuid.NewString(), "session_timeout": longestSession, "wait_end_of_query": 1,
		})
	}
	return o
}

// protocols by the profile's word for them.
var protocols = map[string]clickhouse.Protocol{"http": clickhouse.HTTP, "native": clickhouse.Native}

func (c *config) address() string {
	server := ports[protocols[c.Driver]]
	port := server.plain
	if c.Secure {
		port = server.secure
	}
	return net.JoinHostPort(c.Host, strconv.Itoa(cmp.Or(int(c.Port), port)))
}

// check reads the client's certificate, and refuses what cannot be meant.
func (c *config) check(output runner.Output) error {
	if _, known := protocols[c.Driver]; !known {
		return fmt.Errorf("`driver` is http or native, not `%s`", c.Driver)
	}
	if c.Verify != nil && !c.Secure {
		return errors.New("`verify` is about certificates, which `secure: true` asks for")
	}
	if c.ClientCert == "" {
		return nil
	}
	certificate, err := tls.LoadX509KeyPair(output.Path(c.ClientCert), output.Path(c.ClientCertKey))
	if err != nil {
		return fmt.Errorf("`client_cert` and `client_cert_key`: %w", err)
	}
	c.certificates = []tls.Certificate{certificate}
	return nil
}
