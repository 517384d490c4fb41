#!/usr/bin/env bash
# Runs BoringSSL's test runner against Ferrule. Ends with one line `N passed, N failed, N skipped`, where skipped
# are the tests that config.json disables and those that ask for what Ferrule does not have. Fails if a test
# fails, or if fewer pass than passing.txt says.
#
#   run.sh [PATTERN]    only the tests that match, such as 'KeyUpdate-*'
#
# The runner's log and its JSON are in target/bogo/, with the reasons of what was skipped.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
root=$(cd ../.. && pwd)
# DTLS and QUIC are other protocols; hints are an internal affair of BoringSSL.
skip='*DTLS*;*-QUIC*;QUIC*;*-Hints'

runner=$(./build-runner.sh)
(cd "$root" && cargo build --quiet --locked --release --package ferrule-tls-std --example bogo_shim)
logs=$root/target/bogo
mkdir -p "$logs"
rm -f "$logs"/*
touch "$logs/skipped.txt"

cd "$runner/ssl/test/runner"
FERRULE_BOGO_SKIPPED=$logs/skipped.txt "$runner/bogo.test" -pipe -allow-unimplemented \
    -shim-path "${CARGO_TARGET_DIR:-$root/target}/release/examples/bogo_shim" -shim-config "$here/config.json" \
    -skip "$skip" -test "${1:-}" -json-output "$logs/results.json" >"$logs/log.txt" 2>&1 || true
grep -q '^\(PASS\|FAIL\)$' "$logs/log.txt" || grep -q ^PASSED "$logs/log.txt" || {
    tail -n 20 "$logs/log.txt"
    echo "the runner did not run"
    exit 1
}

count() { grep -c "^$1 (" "$logs/log.txt" || true; }
passed=$(count PASSED)
failed=$(count FAILED)
unimplemented=$(count UNIMPLEMENTED)
sed -n '/^FAILED (/,/^\(PASSED\|UNIMPLEMENTED\) (/p' "$logs/log.txt" | grep -v '^\(PASSED\|UNIMPLEMENTED\) (' || true

if [ $# -gt 0 ]; then
    echo "$passed passed, $failed failed, $unimplemented skipped"
    [ "$failed" = 0 ]
    exit
fi

echo "What was skipped most, and why:"
sort "$logs/skipped.txt" | uniq -c | sort -rn | sed -n 1,25p
all=$(grep -cvE 'DTLS|-QUIC|^QUIC|-Hints$' "$runner/tests.txt")
status=0
promised=$(cat "$here/passing.txt")
if [ "$passed" -lt "$promised" ]; then
    echo "FEWER THAN BEFORE: passing.txt says that $promised pass"
    status=1
elif [ "$passed" -gt "$promised" ]; then
    echo "more than passing.txt says ($promised): write $passed into it, and into README.md"
fi
[ "$failed" = 0 ] || status=1
echo "$passed passed, $failed failed, $((all - passed - failed)) skipped"
exit $status
