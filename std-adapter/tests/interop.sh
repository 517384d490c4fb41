#!/usr/bin/env bash
# A table of the peers: which connections with each were made, of three suites with three groups in both directions.
# It is made by the tests `matrix` in peers/matrix.rs; .ci/install brings the peers.
set -euo pipefail
cd "$(dirname "$0")/../.."
. .ci/common.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log
# wolfSSL's examples want to lie where such a file is, or end.
mkdir "$work/certs"
: >"$work/certs/dh2048.pem"

# Read to their ends, so that nobody writes into a pipe that is closed.
first_line() { "$@" 2>&1 </dev/null | sed -n '/./{p;:rest;n;b rest}' || true; }
word_with_digits() { { grep -oE '[0-9]+(\.[0-9]+)+[a-z0-9]*' || true; } | sed -n 1p; }
version() {
    case $1 in
    OpenSSL) first_line openssl version ;;
    "OpenSSL 4.0") first_line openssl-4.0 version ;;
    GnuTLS) first_line gnutls-cli --version ;;
    NSS) first_line dpkg-query -W -f '${Version}\n' libnss3 ;;
    wolfSSL) (cd "$work" && first_line wolfssl-client -\?) ;;
    Go) first_line go version ;;
    Java) first_line java -version ;;
    Node) first_line node --version ;;
    Python) first_line python3 -c 'import ssl, sys; print(sys.version.split()[0])' ;;
    nginx) first_line nginx -v ;;
    curl) first_line curl --version ;;
    rustls) sed -n '/^name = "rustls"$/{n;p}' Cargo.lock ;;
    esac | word_with_digits
}

status=0
cargo test --locked --release --package ferrule-tls-std --test peers matrix -- --nocapture --test-threads 4 \
    >"$log" 2>&1 || status=$?
cell() { grep -c "MATRIX|$1|$2|" "$log" || true; }

printf '%-12s %-14s %-22s %s\n' peer version 'our client, its server' 'its client, our server'
for peer in OpenSSL "OpenSSL 4.0" GnuTLS NSS wolfSSL Go Java Node Python rustls nginx curl; do
    client="$(cell "$peer" "our client") of 9"
    server="$(cell "$peer" "our server") of 9"
    [ "$peer" != nginx ] || server="it has no client"
    [ "$peer" != curl ] || client="it has no server"
    printf '%-12s %-14s %-22s %s\n' "$peer" "$(version "$peer")" "$client" "$server"
done
printf '%-12s %s\n' BoringSSL "its library takes 18 minutes to build; its test runner stands for it: std-adapter/bogo/run.sh"
echo "of 9: AES-128-GCM, AES-256-GCM and ChaCha20-Poly1305, each with x25519, secp256r1 and secp384r1; TLS 1.3"
grep 'MISSING PEER' "$log" | sort -u || true
[ $status = 0 ] || grep -E '^test .*FAILED|panicked' "$log" || true
exit $status
