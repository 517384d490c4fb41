#!/bin/sh
# Revocation lists and OCSP responses in the name of the identity's authorities, as seeds for `crl` and `ocsp`. The
# authorities' keys are gone; a fuzzer's provider believes any signature.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
mkdir -p ../seeds/crl ../seeds/ocsp
serial() { openssl x509 -inform DER -in "$1.der" -noout -serial | sed 's/serial=//'; }

for authority in root intermediate; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=fuzz $authority" \
        -addext keyUsage=keyCertSign,cRLSign -days 36500 -keyout "$work/$authority.key" -out "$work/$authority.pem" 2>/dev/null
done
openssl x509 -inform DER -in leaf.der -out "$work/leaf.pem"
printf '[ca]\ndefault_ca = own\n[own]\ndatabase = %s/index.txt\ndefault_md = sha256\ncrl_extensions = more\n' "$work" >"$work/plain.cnf"
echo '[more]' >>"$work/plain.cnf"
sed 's/^\[more\]$/[more]\nissuingDistributionPoint = critical, @point\n[point]\nfullname = URI:http:\/\/crl.test\/1\nonlyuser = TRUE/' \
    "$work/plain.cnf" >"$work/point.cnf"

crl() { # NAME AUTHORITY CONFIGURATION
    openssl ca -config "$work/$3.cnf" -gencrl -crldays 36500 -keyfile "$work/$2.key" -cert "$work/$2.pem" 2>/dev/null |
        openssl crl -outform DER -out "../seeds/crl/$1"
}
ocsp() { # NAME OPTIONS...
    name=$1
    shift
    openssl ocsp -issuer "$work/intermediate.pem" -cert "$work/leaf.pem" -no_nonce -reqout "$work/request" >/dev/null
    openssl ocsp -index "$work/index.txt" -CA "$work/intermediate.pem" -rsigner "$work/intermediate.pem" \
        -rkey "$work/intermediate.key" -reqin "$work/request" -respout "../seeds/ocsp/$name" -ndays 36500 "$@" >/dev/null
}
: >"$work/index.txt"
crl empty intermediate plain
crl point intermediate point
ocsp unknown
printf 'V\t991231235959Z\t\t%s\tunknown\t/CN=fuzz leaf\n' "$(serial leaf)" >"$work/index.txt"
ocsp good
ocsp good-by-key -resp_key_id -resp_no_certs
printf 'R\t991231235959Z\t250101000000Z,keyCompromise\t%s\tunknown\t/CN=fuzz leaf\n' "$(serial leaf)" >"$work/index.txt"
crl leaf intermediate plain
ocsp revoked
printf 'R\t991231235959Z\t250101000000Z,CACompromise\t%s\tunknown\t/CN=fuzz intermediate\n' "$(serial intermediate)" >>"$work/index.txt"
crl intermediate root plain
