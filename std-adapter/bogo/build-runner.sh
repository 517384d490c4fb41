#!/usr/bin/env bash
# Builds BoringSSL's test runner into the folder that it prints: the runner is Go and lies, with BoringSSL's
# sources, in the crate boring-sys. Does nothing if it is there already.
#
# Needs cargo, openssl, Go 1.27 (.ci/go), and as Debian packages golang-golang-x-{crypto,sys,term}-dev and
# golang-filippo-edwards25519-dev; .ci/install brings them.
set -euo pipefail
cd "$(dirname "$0")"
CACHE=${FERRULE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ferrule}
BORING_SYS=5.4.0
PACKAGES=/usr/share/gocode/src
MODULES="filippo.io/edwards25519 golang.org/x/crypto golang.org/x/sys golang.org/x/term"

say() { printf 'build-runner: %s\n' "$*" >&2; }
missing() { say "MISSING: $*"; exit 1; }

# What it is made of, and how: another recipe is another folder.
out=$CACHE/bogo-$BORING_SYS-$(sha256sum build-runner.sh | cut -c1-12)
if [ -e "$out/tests.txt" ]; then
    echo "$out"
    exit 0
fi

for module in $MODULES; do
    [ -d "$PACKAGES/$module" ] || missing "the Go package $module in $PACKAGES (run .ci/install)"
done
for command in cargo openssl python3; do
    command -v $command >/dev/null || missing "$command"
done
mkdir -p "$CACHE"
work=$(mktemp -d "$CACHE/bogo.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

go=$(../../.ci/go)

# --- sources ----------------------------------------------------------------------------------------------------
say "building the runner of boring-sys $BORING_SYS"
mkdir -p "$work/fetch/src"
: >"$work/fetch/src/lib.rs"
cat >"$work/fetch/Cargo.toml" <<TOML
[package]
name = "fetch"
version = "0.0.0"
edition = "2024"
[dependencies]
boring-sys = "=$BORING_SYS"
[workspace]
TOML
(cd "$work/fetch" && cargo vendor --quiet ../vendor >/dev/null)
boringssl=$work/vendor/boring-sys/deps/boringssl
runner=$work/src/ssl/test/runner
mkdir -p "$work/src/ssl/test" "$work/src/util"
cp -r "$boringssl/ssl/test/runner" "$work/src/ssl/test/"
cp -r "$boringssl/util/testresult" "$work/src/util/"
chmod -R u+w "$work/src"
rm -f "$runner"/hpke/*_test.go

# The crate leaves out the runner's private keys; any of these kinds will do.
key() { openssl genpkey -quiet "$@" 2>/dev/null || openssl genpkey "$@" 2>/dev/null; }
for bits in 1024 2048; do
    key -algorithm RSA -pkeyopt rsa_keygen_bits:$bits -out "$runner/rsa_${bits}_key.pem"
done
for curve in 256 384 521; do
    key -algorithm EC -pkeyopt ec_paramgen_curve:P-$curve -pkeyopt ec_param_enc:named_curve \
        -out "$runner/ecdsa_p${curve}_key.pem"
done
key -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:named_curve -out "$runner/channel_id_key.pem"
key -algorithm ED25519 -out "$runner/ed25519_key.pem"

# --- build, without any module of the network ---------------------------------------------------------------------
{
    printf 'module boringssl.googlesource.com/boringssl.git\n\ngo 1.27.0\n\nrequire (\n'
    for module in $MODULES; do echo "$module v0.0.0"; done
    echo ')'
} >"$work/src/go.mod"
for module in $MODULES; do
    mkdir -p "$work/src/vendor/$(dirname "$module")"
    cp -rL "$PACKAGES/$module" "$work/src/vendor/$module"
done
find "$work/src/vendor" -name '*_test.go' -delete
for module in $MODULES; do
    printf '# %s v0.0.0\n## explicit; go 1.20\n' "$module"
    (cd "$work/src/vendor" && find "$module" -name '*.go' -printf '%h\n' | sort -u)
done >"$work/src/vendor/modules.txt"
(cd "$runner" && GOFLAGS=-mod=vendor GOTOOLCHAIN=local GOPROXY=off CGO_ENABLED=0 GOCACHE="$work/gocache" \
    "$go" test -c -o "$work/src/bogo.test" .)

# --- the names of all tests: a shim that can do nothing gets to see them -------------------------------------------
cat >"$work/none" <<'SHIM'
#!/bin/sh
case "$*" in *-is-handshaker-supported*) echo No; exit 0 ;; esac
exit 89
SHIM
chmod +x "$work/none"
(cd "$runner" && ../../../bogo.test -shim-path "$work/none" -allow-unimplemented -pipe 2>/dev/null) |
    sed -n 's/^UNIMPLEMENTED (\(.*\))$/\1/p' | sort >"$work/src/tests.txt"
[ "$(wc -l <"$work/src/tests.txt")" -gt 5000 ] || { say "the runner names too few tests"; exit 1; }
rm -rf "$out"
mv "$work/src" "$out"
echo "$out"
