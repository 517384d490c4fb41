#!/usr/bin/env bash
# Makes the certificates and keys of the demo in the folder $1, by openssl.
#
# A small authority of one's own, all P-256:
#   root <- intermediate <- server   server.example, whom the board asks for a page
#                        <- other    other.example: the wrong name
#                        <- board    board.example: the board itself
#   stranger <- impostor             server.example, by a root that the board does not trust
#
# The shape of Let's Encrypt's chains of 2026, with all that is in such certificates; the board trusts public-x1 alone:
#   public-x1 (RSA-4096) <- public-ye (P-384, cross-signed) <- public-e (P-384) <- public-ecdsa (P-256)
#                        <- public-r (RSA-2048) <- public-rsa (RSA-2048)
#   public-stranger, named as public-x1 <- public-false (RSA-2048), named as public-r <- public-forged (RSA-2048)
set -euo pipefail
mkdir -p "$1"
cd "$1"

# key NAME [KIND]
key() {
    case ${2:-P-256} in
    RSA-*) openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${2#RSA-}" -out "$1.key" 2>/dev/null ;;
    *) openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:${2:-P-256}" -out "$1.key" 2>/dev/null ;;
    esac
}

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

# --- as the public web has them ---------------------------------------------------------------------------------------
# public NAME KIND SUBJECT ISSUER HASH EXTENSION...: a new key and its certificate.
public() {
    local name=$1 kind=$2 subject=$3 issuer=$4 hash=$5
    shift 5
    key "$name" "$kind"
    openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
    printf '%s\n' "$@" subjectKeyIdentifier=hash authorityKeyIdentifier=keyid certificatePolicies=2.23.140.1.2.1 \
        "authorityInfoAccess=caIssuers;URI:http://$issuer.i.authority.example/" \
        "crlDistributionPoints=URI:http://$issuer.c.authority.example/127.crl" >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer.key" -set_serial "0x05$(openssl rand -hex 17)" \
        "-$hash" -days 30 -extfile "$name.ext" -out "$name.pem" 2>/dev/null
}

authority() {
    public "$@" basicConstraints=critical,CA:TRUE keyUsage=critical,digitalSignature,keyCertSign,cRLSign \
        extendedKeyUsage=serverAuth
}

# Two signed certificate timestamps (RFC 6962 section 3.3): 240 bytes that only their form is looked at. Behind SEQUENCE
# and BIT STRING of others this is an OCTET STRING within one.
timestamps() { echo "1.3.6.1.4.1.11129.2.4.2=DER:0481f0$(openssl rand -hex 240)"; }

public_leaf() {
    local name=$1 kind=$2 issuer=$3 hash=$4 usage=$5
    public "$name" "$kind" /CN=server.example "$issuer" "$hash" basicConstraints=critical,CA:FALSE \
        "keyUsage=critical,$usage" extendedKeyUsage=serverAuth "$(timestamps)" \
        "subjectAltName=DNS:server.example,DNS:www.server.example,DNS:api.server.example,DNS:*.apps.server.example"
}

public_root() {
    key "$1" RSA-4096
    openssl req -x509 -new -key "$1.key" -sha256 -days 30 -subj "$2" -out "$1.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

organisation="/C=US/O=Public Demo Security Research Group"
public_root public-x1 "$organisation/CN=Public Demo Root X1"
authority public-ye P-384 "$organisation/CN=Root YE" public-x1 sha256
authority public-e P-384 "$organisation/CN=YE1" public-ye sha384
public_leaf public-ecdsa P-256 public-e sha384 digitalSignature
authority public-r RSA-2048 "$organisation/CN=YR1" public-x1 sha256
public_leaf public-rsa RSA-2048 public-r sha256 digitalSignature,keyEncipherment
public_root public-stranger "$organisation/CN=Public Demo Root X1"
authority public-false RSA-2048 "$organisation/CN=YR1" public-stranger sha256
public_leaf public-forged RSA-2048 public-false sha256 digitalSignature,keyEncipherment

# What a server sends behind its own certificate.
cat public-e.pem public-ye.pem >public-ecdsa.chain
cp public-r.pem public-rsa.chain
cp public-false.pem public-forged.chain

# What goes into the firmware: DER, and the bare scalar of the board's key.
for name in root intermediate board public-x1; do openssl x509 -in $name.pem -outform DER -out $name.der; done
# ECPrivateKey (RFC 5915): 7 bytes in front of the scalar.
openssl ec -in board.key -outform DER 2>/dev/null | dd bs=1 skip=7 count=32 of=board.scalar 2>/dev/null
date +%s >built
