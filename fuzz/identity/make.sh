#!/bin/sh
# The certificates that the targets' servers serve and their clients trust: root, intermediate, leaf for
# server.test, valid for a hundred years. The private keys are thrown away: the fuzz provider signs without.
# Running this again changes the seeds too: then write those anew.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

cat > "$work/ca" <<'CA'
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
CA
cat > "$work/leaf" <<'LEAF'
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:server.test
LEAF
for name in root intermediate leaf; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$name.key" 2>/dev/null
    openssl req -new -key "$work/$name.key" -subj "/CN=fuzz $name" -out "$work/$name.csr"
done
sign() { # NAME EXTENSIONS ISSUER...
    name=$1 extensions=$2
    shift 2
    openssl x509 -req -in "$work/$name.csr" -days 36500 -extfile "$work/$extensions" "$@" \
        -outform DER -out "$name.der" 2>/dev/null
    openssl x509 -inform DER -in "$name.der" -out "$work/$name.pem"
}
sign root ca -signkey "$work/root.key"
sign intermediate ca -CA "$work/root.pem" -CAkey "$work/root.key"
sign leaf leaf -CA "$work/intermediate.pem" -CAkey "$work/intermediate.key"
