#!/usr/bin/env bash
# What verification on P-384 adds to the flash of a client that has P-256 and RSA: by RustCrypto's general curve, and
# compact, on the engine of RSA; optimised as far as size goes (z), and less so (s).
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/common.sh

folder=$PWD/target/embedded-demo
[ "$folder/files/built" -nt embedded-demo/certificates.sh ] || embedded-demo/certificates.sh "$folder/files"

# flash LEVEL FEATURE: of the whole image.
flash() {
    local target=$folder/sizes-$1
    (cd embedded-demo && FERRULE_DEMO_FILES=$folder/files CARGO_PROFILE_RELEASE_OPT_LEVEL=$1 \
        THUMB_FLAGS='--cfg sha2_backend_soft="compact" --cfg aes_backend_soft="compact"' \
        thumb_cargo build --quiet --locked --release --target $THUMB --target-dir "$target" \
        --features "firmware,x25519,public,$2" --bin uart-client >&2)
    arm-none-eabi-size "$target/$THUMB/release/uart-client" | awk 'NR == 2 { print $1 + $2 }'
}

echo "opt-level  without P-384  general  compact  (bytes of flash; the last two in addition)"
for level in z s; do
    without=$(flash $level no-p384)
    printf '%-9s %14d %8d %8d\n' $level "$without" $(($(flash $level general-p384) - without)) \
        $(($(flash $level public) - without))
done
