#!/usr/bin/env bash
# A table of the consumers: which of them accept which chain. It is made by the test `doctor`, which runs them;
# .ci/install brings them. With --write it goes into doctor/README.md. What each said is in target/doctor.
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/common.sh
readme=std-adapter/tests/doctor/README.md
log=$(mktemp)
trap 'rm -f "$log"' EXIT

FERRULE_DOCTOR_MEASURE=1 FERRULE_DOCTOR_RANDOM="${FERRULE_DOCTOR_RANDOM:-0}" \
    cargo test --locked --package ferrule-tls-std --test doctor foretells -- --nocapture >"$log" 2>&1 ||
    { cat "$log"; exit 1; }
grep 'MISSING PEER' "$log" | sort -u || true
table=${CARGO_TARGET_DIR:-target}/doctor/table.md
if [ "${1:-}" = --write ]; then
    sed -i -e '/^<!-- table/q' "$readme"
    cat "$table" >>"$readme"
else
    cat "$table"
fi
