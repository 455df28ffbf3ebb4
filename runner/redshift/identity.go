package redshift

import (
	"cmp"
	"context"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
	"github.com/aws/aws-sdk-go-v2/service/redshiftserverless"
	"github.com/jackc/pgx/v5"

	"assay/runner"
	"assay/runner/pgwire"
)

// identity are the fields of a log-in by an identity of AWS.
type identity struct {
	ClusterID       string   `json:"cluster_id"`            // default: as the host begins
	IsServerless    bool     `json:"is_serverless"`         // a workgroup in a cluster's place; default: as the host says
	Workgroup       string   `json:"serverless_work_group"` // default: as the host begins
	Region          string   `json:"region"`                // default: the host's, else that of the identity
	IAMProfile      string   `json:"iam_profile"`           // of ~/.aws; default: what the environment or the machine has
	AccessKeyID     string   `json:"access_key_id"`         // with secret_access_key, in the profile's place
	SecretAccessKey string   `json:"secret_access_key"`
	AutoCreate      bool     `json:"autocreate"` // of a user who is not there yet
	DBGroups        []string `json:"db_groups"`  // that the user is in for the session
}

// An issuer has AWS give out a user of a database and a password that lasts some minutes.
type issuer func(c *config, ctx context.Context, cloud aws.Config, database *string) (user, password *string, err error)

// methods are the ways to log in by the profile's words for them, with who gives out a cluster's passwords.
var methods = map[string]issuer{"database": nil, "iam": (*config).asUser, "iam_role": (*config).asIdentity}

func (c *config) asUser(ctx context.Context, cloud aws.Config, database *string) (user, password *string, err error) {
	issued, err := redshift.NewFromConfig(cloud).GetClusterCredentials(ctx, &redshift.GetClusterCredentialsInput{
		ClusterIdentifier: &c.ClusterID, DbUser: &c.User, DbName: database, AutoCreate: &c.AutoCreate, DbGroups: c.DBGroups,
	})
	if err != nil {
		return nil, nil, err
	}
	return issued.DbUser, issued.DbPassword, nil
}

func (c *config) asIdentity(ctx context.Context, cloud aws.Config, database *string) (user, password *string, err error) {
	issued, err := redshift.NewFromConfig(cloud).GetClusterCredentialsWithIAM(ctx, &redshift.GetClusterCredentialsWithIAMInput{
		ClusterIdentifier: &c.ClusterID, DbName: database,
	})
	if err != nil {
		return nil, nil, err
	}
	return issued.DbUser, issued.DbPassword, nil
}

// ofWorkgroup is for either method: a workgroup knows users by their identities alone.
func (c *config) ofWorkgroup(ctx context.Context, cloud aws.Config, database *string) (user, password *string, err error) {
	issued, err := redshiftserverless.NewFromConfig(cloud).GetCredentials(ctx, &redshiftserverless.GetCredentialsInput{
		WorkgroupName: &c.Workgroup, DbName: database,
	})
	if err != nil {
		return nil, nil, err
	}
	return issued.DbUser, issued.DbPassword, nil
}

// byIdentity is a log-in of which the profile has all that it takes, by what the issuer gives out for each connection.
func (c *config) byIdentity(output runner.Output, issue issuer) (func(context.Context, *pgx.ConnConfig) error, error) {
	c.readHost()
	// What AWS gives out is sent over no line that others could listen to.
	c.SSLMode = cmp.Or(c.SSLMode, "require")
	if c.IsServerless {
		issue = (*config).ofWorkgroup
	}
	return func(ctx context.Context, conn *pgx.ConnConfig) error {
		cloud, err := awsconfig.LoadDefaultConfig(ctx, c.cloud)
		if err != nil {
			return refused(err)
		}
		user, password, err := issue(c, ctx, cloud, &conn.Database)
		if err != nil {
			return refused(err)
		}
		conn.User, conn.Password = *user, *password
		return nil
	}, c.require(output)
}

func refused(err error) error {
	return &pgwire.LogInError{Cause: err, Mend: "AWS gave no password: check `iam_profile`, or `access_key_id` and `secret_access_key`, " +
		"`region`, and that the identity may do what the message names"}
}

// address is a cluster's or a workgroup's: <name>.<account or other>.<region>.redshift[-serverless].amazonaws.com.
var address = regexp.MustCompile(`^([^.]+)\.[^.]+\.([^.]+)\.redshift(-serverless)?\.amazonaws\.com`)

// readHost takes from the host what the profile does not say.
func (c *config) readHost() {
	parts := address.FindStringSubmatch(c.Host)
	if parts == nil {
		return
	}
	c.Region = cmp.Or(c.Region, parts[2])
	c.IsServerless = c.IsServerless || parts[3] != ""
	c.ClusterID, c.Workgroup = cmp.Or(c.ClusterID, parts[1]), cmp.Or(c.Workgroup, parts[1])
}

// require refuses a profile that lacks what its log-in by an identity wants.
func (c *config) require(output runner.Output) error {
	switch {
	case c.Host == "":
		return output.Errorf("`host` is missing, for `method: %s`", c.Method)
	case c.IsServerless && c.Workgroup == "":
		return output.Errorf("`serverless_work_group` is missing: `host` does not name it")
	case !c.IsServerless && c.ClusterID == "":
		return output.Errorf("`cluster_id` is missing: `host` does not name it")
	case !c.IsServerless && c.User == "" && c.Method == "iam":
		return output.Errorf("`user` is missing, for `method: iam`; `method: iam_role` logs in as AWS calls the identity")
	case (c.AccessKeyID == "") != (c.SecretAccessKey == ""):
		return output.Errorf("`access_key_id` and `secret_access_key` go together")
	}
	return nil
}

// cloud has AWS's own files and variables say what the profile does not.
func (c *config) cloud(options *awsconfig.LoadOptions) error {
	options.Region, options.SharedConfigProfile = c.Region, c.IAMProfile
	if c.AccessKeyID != "" {
		options.Credentials = credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, "")
	}
	return nil
}
