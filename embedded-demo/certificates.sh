#!/usr/bin/env bash
# Makes the certificates and keys of the demo in the folder $1: all P-256, by openssl.
#
#   root <- intermediate <- server   server.example, whom the board asks for a page
#                        <- other    other.example: the wrong name
#                        <- board    board.example: the board itself
#   stranger <- impostor             server.example, by a root that the board does not trust
set -euo pipefail
mkdir -p "$1"
cd "$1"

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }

# root NAME COMMON-NAME
root() {
    key "$1"
    openssl req -x509 -new -key "$1.key" -sha256 -days 30 -subj "/CN=$2" -out "$1.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

# issued NAME COMMON-NAME ISSUER EXTENSION...
issued() {
    local name=$1 subject=$2 issuer=$3
    shift 3
    key "$name"
    openssl req -new -key "$name.key" -subj "/CN=$subject" -out "$name.csr"
    printf '%s\n' "$@" >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer.key" -CAcreateserial -sha256 -days 30 \
        -extfile "$name.ext" -out "$name.pem" 2>/dev/null
}

leaf() {
    issued "$1" "$2" "$3" "subjectAltName=DNS:$2" basicConstraints=critical,CA:FALSE \
        keyUsage=critical,digitalSignature extendedKeyUsage=serverAuth
}

root root "Demo Root"
issued intermediate "Demo Intermediate" root basicConstraints=critical,CA:TRUE,pathlen:0 \
    keyUsage=critical,keyCertSign,cRLSign
leaf server server.example intermediate
leaf other other.example intermediate
leaf board board.example intermediate
root stranger "Another Root"
leaf impostor server.example stranger

# What goes into the firmware: DER, and the bare scalar of the board's key.
for name in root intermediate board; do openssl x509 -in $name.pem -outform DER -out $name.der; done
# ECPrivateKey (RFC 5915): 7 bytes in front of the scalar.
openssl ec -in board.key -outform DER 2>/dev/null | dd bs=1 skip=7 count=32 of=board.scalar 2>/dev/null
date +%s >built
