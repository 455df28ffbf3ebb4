# java_home VERSIONS: where the newest Java of this machine is of which a pattern has the versions; fails where there is none.
java_home() {
  find /usr/lib/jvm -maxdepth 1 -regextype posix-extended -regex ".*[^0-9.]($1)[^0-9].*" 2>/dev/null | sort | tail -n 1 | grep .
}
