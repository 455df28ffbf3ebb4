package snowflake

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/snowflakedb/gosnowflake/v2"
	"golang.org/x/oauth2"
)

// A refresher connects with an access token that it has for the profile's, which is one to refresh with.
type refresher struct {
	conn   gosnowflake.Config
	tokens oauth2.TokenSource
}

// connector is the driver's own, unless the token is one of an OAuth client's.
func (c *config) connector(conn gosnowflake.Config) driver.Connector {
	if c.OAuthClientID == "" {
		return gosnowflake.NewConnector(gosnowflake.SnowflakeDriver{}, conn)
	}
	client := oauth2.Config{ClientID: c.OAuthClientID, ClientSecret: c.OAuthClientSecret, Endpoint: oauth2.Endpoint{
		TokenURL: c.address() + "/oauth/token-request", AuthStyle: oauth2.AuthStyleInHeader,
	}}
	return &refresher{conn, client.TokenSource(context.Background(), &oauth2.Token{RefreshToken: c.Token})}
}

// address is the account's, with no path.
func (c *config) address() string {
	host := cmp.Or(c.Host, c.Account+".snowflakecomputing.com")
	if c.Port > 0 {
		host = fmt.Sprintf("%s:%d", host, c.Port)
	}
	return cmp.Or(c.Protocol, "https") + "://" + host
}

// Driver implements driver.Connector.
func (r *refresher) Driver() driver.Driver { return gosnowflake.SnowflakeDriver{} }

// Connect implements driver.Connector.
func (r *refresher) Connect(ctx context.Context) (driver.Conn, error) {
	token, err := r.tokens.Token()
	if err != nil {
		return nil, err
	}
	conn := r.conn
	conn.Token = token.AccessToken
	return gosnowflake.NewConnector(gosnowflake.SnowflakeDriver{}, conn).Connect(ctx)
}
