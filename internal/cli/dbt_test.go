package cli

import (
	"slices"
	"strings"
	"testing"

	"assay/runner"
)

// dbtFields are those of the credentials of dbt's adapters, by type: dbt-adapters' packages of Postgres, Redshift, Snowflake and BigQuery,
// dbt-databricks, dbt-clickhouse, dbt-trino and dbt-duckdb, with their aliases.
var dbtFields = map[string]string{
	"postgres": `host user port password pass dbname database schema connect_timeout role search_path keepalives_idle sslmode sslcert sslkey
		sslrootcert application_name autocommit retries threads`,
	"redshift": `host port method user password pass dbname database schema cluster_id iam_profile autocreate db_groups ra3_node datasharing
		connect_timeout role sslmode retries retry_all region autocommit access_key_id secret_access_key idc_region issuer_url idp_listen_port
		idc_client_display_name idp_response_timeout token_endpoint is_serverless serverless_work_group serverless_acct_id tcp_keepalive
		tcp_keepalive_idle tcp_keepalive_interval tcp_keepalive_count query_group allow_concurrent_drops drop_without_cascade threads`,
	"snowflake": `account user warehouse role password authenticator private_key private_key_path private_key_passphrase token
		oauth_client_id oauth_client_secret query_tag client_session_keep_alive host port proxy_host proxy_port protocol connect_retries
		connect_timeout retry_on_database_errors retry_all insecure_mode reuse_connections s3_stage_vpce_dns_name
		workload_identity_provider workload_identity_entra_resource platform_detection_timeout_seconds database schema threads`,
	"bigquery": `method project database dataset schema execution_project quota_project location api_endpoint priority maximum_bytes_billed
		reservation impersonate_service_account job_retry_deadline_seconds job_retries retries job_creation_timeout_seconds
		job_execution_timeout_seconds timeout_seconds job_link_info_level_log keyfile keyfile_json token refresh_token client_id
		client_secret token_uri compute_region dataproc_region dataproc_cluster_name gcs_bucket submission_method dataproc_batch scopes threads
		workload_pool_provider_path service_account_impersonation_url token_endpoint`,
	"databricks": `catalog database schema host http_path token client_id client_secret session_properties auth_type compute connect_retries
		connect_timeout retry_all connect_max_idle oauth_redirect_url oauth_scopes threads azure_client_id azure_client_secret
		connection_parameters query_tags`,
	"clickhouse": `driver host port user retries database schema password secure verify client_cert client_cert_key connect_timeout
		send_receive_timeout sync_request_timeout compress_block_size compression check_exchange custom_settings use_lw_deletes local_suffix
		local_db_prefix allow_automatic_deduplication tcp_keepalive reuse_connections server_host_name threads cluster cluster_mode
		database_engine`,
	"trino": `method host port user password jwt_token cert client_certificate client_private_key http_scheme database schema
		session_properties roles client_tags retries prepared_statements_enabled timezone suppress_cert_warning threads
		impersonation_user http_headers keytab principal krb5_config service_name mutual_authentication`,
	"duckdb": `path schema settings attach threads database extensions secrets filesystems plugins module_paths external_root
		use_credential_provider`,
}

// dbtRefused are fields that ask for what a connection here does not do: log-ins, tables spread over a cluster, a server's own headers.
// To pass over them would connect somewhere else, or as somebody else.
var dbtRefused = map[string]string{
	"databricks": "azure_client_id azure_client_secret connection_parameters query_tags",
	"clickhouse": "cluster cluster_mode database_engine",
	"trino":      "impersonation_user http_headers keytab principal krb5_config service_name mutual_authentication",
	"duckdb":     "database extensions secrets filesystems plugins module_paths external_root use_credential_provider",
}

// TestFieldsOfDbt: a profile of dbt's can serve here as well, or its fields are refused that cannot be meant.
func TestFieldsOfDbt(t *testing.T) {
	for kind, e := range engines {
		refused := strings.Fields(dbtRefused[kind])
		for _, field := range strings.Fields(dbtFields[kind]) {
			_, err := e.open(runner.Output{Name: "prod", Fields: map[string]any{field: nil}})
			unknown := err != nil && strings.Contains(err.Error(), "unknown field")
			if unknown != slices.Contains(refused, field) {
				t.Errorf("%s: `%s` is unknown: %v", kind, field, unknown)
			}
		}
	}
}
