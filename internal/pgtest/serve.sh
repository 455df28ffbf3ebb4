# Runs a throwaway PostgreSQL server from the programs in $1 until standard input ends, which it does when the test's process
# does, in whatever way. Prints the folder of the server's socket once it takes connections, else what went wrong.
dir=$(mktemp -d /tmp/pgtest.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
log=$dir/log

# A linguistic default collation, as most databases have: what needs the order of code points must ask for it.
bin=$1
set -- -D "$dir/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync
"$bin/initdb" "$@" --locale-provider=icu --icu-locale=en-US >"$log" 2>&1 ||
	"$bin/initdb" "$@" >"$log" 2>&1 || { cat "$log"; exit 1; }

"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200 \
	>"$log" 2>&1 </dev/null &
server=$!
until "$bin/pg_isready" -q -h "$dir"; do
	kill -0 $server || { cat "$log"; exit 1; }
	sleep 0.05
done
echo "$dir"
cat >/dev/null
kill -INT $server
wait $server
