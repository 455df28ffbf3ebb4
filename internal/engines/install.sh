#!/usr/bin/env bash
# Installs engines and checkers for tests, each from its registry, into a folder: install.sh DIR NAME...
# Names: clickhouse trino spark sqlglot fakesnow googlesql. What is there already stays.
set -euo pipefail
dir=$1
shift

clickhouse() {
  mkdir -p "$dir/clickhouse"
  (cd "$dir/clickhouse" && npm install --no-audit --no-fund --ignore-scripts @chdb/lib-linux-x64-gnu@26.7.3-stable.1)
  (cd "$(dirname "${BASH_SOURCE[0]}")" && go build -o "$dir/clickhouse/serve" ./clickhouse)
}

# The newest server whose core resolves; it wants a JDK 24 or later to run.
trino() {
  local copy='mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'
  mkdir -p "$dir/trino/server/etc/catalog"
  $copy -DoutputDirectory="$dir/trino" -Dartifact=io.trino:trino-server-core:476:tar.gz
  $copy -DoutputDirectory="$dir/trino" -Dartifact=io.trino:trino-memory:476:zip
  tar xzf "$dir/trino/trino-server-core-476.tar.gz" -C "$dir/trino/server" --strip-components=1
  unzip -qo "$dir/trino/trino-memory-476.zip" -d "$dir/trino/server/plugin"
}

python_packages() {
  python3 -m venv "$dir/$1"
  "$dir/$1/bin/pip" install -q "${@:2}"
}

spark() { python_packages spark pyspark==4.2.0; }
sqlglot() { python_packages sqlglot sqlglot==30.30.0; }
# A newer connector than the stand-in knows fails when it is imported.
fakesnow() { python_packages fakesnow 'fakesnow[server]==0.12.1' snowflake-connector-python==4.8.1; }

# Some five minutes of one processor and 6 GB of memory where Go's cache does not have it.
googlesql() {
  (cd "$(dirname "${BASH_SOURCE[0]}")" && go build -o "$dir/googlesql" ./googlesql)
}

for name in "$@"; do
  "$name"
done
