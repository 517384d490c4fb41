#!/usr/bin/env bash
# Runs Wycheproof's vectors for P-256 on the emulated board: in assembly and by RustCrypto, signatures and key exchange.
# .ci/install embedded brings what it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/common.sh

folder=$PWD/target/embedded-demo
# The programs beside this one include files that the demo makes.
[ -e "$folder/files/built" ] || embedded-demo/certificates.sh "$folder/files"
(cd embedded-demo && FERRULE_DEMO_FILES=$folder/files thumb_cargo build --quiet --locked --release --target $THUMB \
    --target-dir "$folder/vectors" --features firmware,vectors --bin vectors)
# Nothing is measured here, so QEMU need not count instructions and is faster.
status=0
timeout 600 qemu-system-arm -M mps2-an386 -cpu cortex-m4 -display none -monitor none \
    -semihosting-config enable=on,target=native -kernel "$folder/vectors/$THUMB/release/vectors" </dev/null || status=$?
[ $status = 0 ] || say "FAILED: the vectors above, or the program: status $status"
exit $status
