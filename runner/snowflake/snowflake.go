// Package snowflake runs programs on Snowflake.
package snowflake

import (
	"cmp"
	"database/sql"
	"errors"

	"github.com/snowflakedb/gosnowflake/v2"
	"golang.org/x/oauth2"

	"assay/dialects/snowflake"
	"assay/runner"
	_ "assay/runner/snowflake/quiet"
)

// Open reads a profile's output.
func Open(output runner.Output) (runner.Warehouse, error) {
	c := config{Schema: "PUBLIC", ConnectRetries: 1}
	if err := output.Decode(&c, dbtOnly...); err != nil {
		return nil, err
	}
	secrets := runner.NewSecrets(c.Password, c.Token, c.PrivateKey, c.PrivateKeyPassphrase, c.OAuthClientSecret)
	staging, err := c.Staging(runner.SessionTables{})
	if err != nil {
		return nil, output.Errorf("%w", err)
	}
	conn, err := c.connection(output)
	if err != nil {
		return nil, err
	}
	// What the driver logs it returns as an error too.
	if err := gosnowflake.GetLogger().SetLogLevel("OFF"); err != nil {
		return nil, err
	}
	db := sql.OpenDB(c.connector(conn))
	// An idle connection would keep the temporary tables of a session that ended.
	db.SetMaxIdleConns(0)
	return &runner.Pool{
		DB: db, Results: fold(c.Schema), Staged: staging,
		Engine: &runner.Engine{
			Value: value, Columns: columns, Dialect: snowflake.Dialect, Explain: explain, Prepare: c.prepare, Target: "Snowflake's account " + c.Account,
			Diagnose: diagnose, Retries: int(c.ConnectRetries), Timeout: c.Timeout(), Secrets: secrets,
			Grants: c.grants(), Transactional: true,
		},
	}, nil
}

// mends say what to do about a refusal, by Snowflake's number or the driver's.
var mends = map[int]string{
	390100: "check `user` and `password` in the profile",
	390101: "the user is locked out: its administrator can unlock it",
	390111: "the session has ended: try again",
	390114: "the session has expired: try again; `client_session_keep_alive: true` keeps one that waits for long",
	390144: "is the public key of `private_key_path` set on the user, and is this machine's clock right?",
	390189: "check `role` in the profile, and that it is granted to the user",
	390303: "`token` is not one that the account takes: get a new one",
	390318: "`token` has expired: get a new one",
	394400: "`token` is not a programmatic access token that the account takes, or has expired: get a new one",
	390422: "the account's network policy does not let this machine in",

	noWarehouse:      "name a `warehouse` in the profile that the role may use",
	noSuchObject:     notShown,
	noSuchObjectHere: notShown,
	noPrivilege: "grant the role what the message names (`assay debug` prints how), or let the profile name another " +
		"`role` or `schema`",

	gosnowflake.ErrCodeFailedToConnect: wrongAccount,
	gosnowflake.ErrFailedToAuth:        wrongAccount,
}

const wrongAccount = "check `account` in the profile: <organisation>-<name>, as in the address of its pages"

const notShown = "check the name, and that the `role` of the profile may use what it is in"

// Numbers of refusals of statements.
const (
	noWarehouse      = 606
	tooManyWaiters   = 625 // for a lock
	noSuchObject     = 2003
	noSuchObjectHere = 2043
	noPrivilege      = 3001
)

// kinds are of refusals; each other is of what was asked, whoever asks. What a role may not see is not there for it.
var kinds = map[int]runner.FailureKind{
	tooManyWaiters: runner.Transient, noSuchObject: runner.Denied, noSuchObjectHere: runner.Denied, noPrivilege: runner.Denied,
}

// diagnose goes by the error's number. Requests that get lost the driver sends again.
func diagnose(err error) runner.Failure {
	refusal, login := new(gosnowflake.SnowflakeError), new(oauth2.RetrieveError)
	if errors.As(err, &login) {
		return runner.Failure{Mend: "`token` is to be one to refresh with, of the client of `oauth_client_id` and `oauth_client_secret`: get a new one"}
	}
	if !errors.As(err, &refusal) {
		return runner.Failure{Kind: runner.Unreachable, Mend: "can this machine reach the account, and is `account` right?"}
	}
	mend := cmp.Or(mends[refusal.Number], "Snowflake's documents list errors by their numbers")
	return runner.Failure{Kind: kinds[refusal.Number], Mend: mend}
}
