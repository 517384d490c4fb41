#!/usr/bin/env bash
# Shows Ferrule on a Cortex-M4F that QEMU emulates, and measures it.
#
#   embedded-demo/demo.sh                     everything, ends with a table
#   embedded-demo/demo.sh --form uart         over the serial line only (or: net, TCP/IP by smoltcp)
#   embedded-demo/demo.sh --provider software X25519 and P-256 by RustCrypto only (or: assembly, P-256 by
#                                             p256-cortex-m4)
#   embedded-demo/demo.sh --chain private     the chains of an authority of one's own only, all P-256 (or: public, chains
#                                             of the shape of Let's Encrypt's; over the serial line)
#   embedded-demo/demo.sh --json              the client over the serial line, as one JSON object and nothing else;
#                                             with assembly, if --provider does not say otherwise
#
# What is missing is named; `.ci/install embedded` brings it.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/common.sh
exec </dev/null

forms="uart net"
providers="software assembly"
chains="private public"
chain_given=
json=
provider_given=
while [ $# -gt 0 ]; do
    case $1 in
    --form) forms=$2 && shift 2 ;;
    --provider) providers=$2 provider_given=yes && shift 2 ;;
    --chain) chains=$2 chain_given=yes && shift 2 ;;
    --json) json=yes && shift ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
    esac
done
if [ -n "$json" ]; then
    forms=uart
    [ -n "$chain_given" ] || chains=private
    [ -n "$provider_given" ] || providers=assembly
fi

# --- what is needed -----------------------------------------------------------------------------------------------
missing=()
for tool in openssl curl python3 qemu-system-arm arm-none-eabi-gcc arm-none-eabi-size cargo; do
    has $tool || missing+=("$tool")
done
thumb_by_rustup || thumb_by_sysroot || missing+=("the target $THUMB")
if [ ${#missing[@]} -gt 0 ]; then
    for name in "${missing[@]}"; do say "MISSING: $name"; done
    say "run: .ci/install embedded"
    exit 1
fi

folder=$PWD/target/embedded-demo
export FERRULE_DEMO_FILES=$folder/files
mkdir -p "$folder/www"
page="This page came over TLS 1.3 to a board with 64 kB of memory."
echo "$page" >"$folder/www/page.txt"

# The certificates are made anew when a day has passed; firmware with a new root is built anew.
if [ embedded-demo/certificates.sh -nt "$FERRULE_DEMO_FILES/built" ] ||
    [ -z "$(find "$FERRULE_DEMO_FILES/built" -mmin -1440 2>/dev/null)" ]; then
    rm -rf "$FERRULE_DEMO_FILES"
    embedded-demo/certificates.sh "$FERRULE_DEMO_FILES"
fi

# --- its parts ------------------------------------------------------------------------------------------------------
progress() { [ -n "$json" ] || echo "$*"; }
started=()
stop() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    started=()
}
trap stop EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Waits until something listens on port $1, without connecting to it: process $2 must live.
wait_for_listener() {
    local hex deadline=$((SECONDS + 20))
    hex=$(printf '0100007F:%04X 00000000:0000 0A' "$1")
    until grep -q "$hex" /proc/net/tcp; do
        kill -0 "$2" 2>/dev/null && [ $SECONDS -lt $deadline ] || { say "nothing listens on port $1"; return 1; }
        read -rt 0.05 <> <(:) || true
    done
}

# firmware FORM ROLE PROVIDER [FEATURE...]: builds it, sets $image.
firmware() {
    local form=$1 role=$2 provider=$3 target=$folder/$3
    shift 3
    local features=firmware
    # In software X25519 takes a sixth of the time of P-256, and 1.3 kB; in assembly P-256 does both.
    if [ "$provider" = software ]; then features=$features,x25519; else features=$features,$provider; fi
    for feature in "$@"; do features=$features,$feature target=$target-$feature; done
    # Loops instead of unrolled rounds: a tenth of the flash, at a cost that P-256 hides.
    (cd embedded-demo && THUMB_FLAGS='--cfg sha2_backend_soft="compact" --cfg aes_backend_soft="compact"' \
        thumb_cargo build --quiet --locked --release --target $THUMB --target-dir "$target" \
        --features $features --bin $form-$role >&2)
    image=$target/$THUMB/release/$form-$role
}

board() {
    timeout 120 qemu-system-arm -M mps2-an386 -cpu cortex-m4 -display none -monitor none -icount shift=0 "$@"
}

# client FORM CERTIFICATE LOG: the board asks an openssl s_server that has this certificate for a page.
client() {
    local port server status=0
    port=$(free_port)
    (cd "$folder/www" && exec openssl s_server -quiet -accept "127.0.0.1:$port" -tls1_3 -WWW \
        -cert "$FERRULE_DEMO_FILES/$2.pem" -key "$FERRULE_DEMO_FILES/$2.key" $(intermediates "$2")) >"$3.server" 2>&1 &
    server=$!
    started+=($server)
    wait_for_listener "$port" $server
    local semihosting=enable=on,target=native,arg=ferrule,arg=$port
    if [ "$1" = uart ]; then
        board -semihosting-config "$semihosting" -serial "tcp:127.0.0.1:$port" -kernel "$image" >"$3" 2>"$3.qemu" || status=$?
    else
        board -semihosting-config "$semihosting" -nic user,model=lan9118 -kernel "$image" >"$3" 2>"$3.qemu" || status=$?
    fi
    stop
    return $status
}

# The impostor's issuer is a root, which is not sent.
intermediates() {
    case $1 in
    impostor) ;;
    public-*) echo "-cert_chain $FERRULE_DEMO_FILES/$1.chain" ;;
    *) echo "-cert_chain $FERRULE_DEMO_FILES/intermediate.pem" ;;
    esac
}

# server FORM LOG: curl asks the board for a page, which goes to LOG.page.
server() {
    local port qemu status=0
    port=$(free_port)
    if [ "$1" = uart ]; then
        board -semihosting-config enable=on,target=native -serial "tcp:127.0.0.1:$port,server=on" -kernel "$image" >"$2" 2>"$2.qemu" &
    else
        board -semihosting-config enable=on,target=native -nic "user,model=lan9118,hostfwd=tcp:127.0.0.1:$port-:443" \
            -kernel "$image" >"$2" 2>"$2.qemu" &
    fi
    qemu=$!
    started+=($qemu)
    wait_for_listener "$port" $qemu || return 1
    curl --silent --show-error --max-time 60 --tlsv1.3 --cacert "$FERRULE_DEMO_FILES/root.pem" \
        --resolve "board.example:$port:127.0.0.1" "https://board.example:$port/" >"$2.page" || status=$?
    wait $qemu || status=$?
    started=()
    return $status
}

broken() {
    say "FAILED: $1; what the board printed, and what QEMU did:"
    cat "$2" "$2.qemu" >&2
    exit 1
}

# figure NAME LOG: what the board measured.
figure() { sed -n "s/^figures:.* $1=\([0-9]*\).*/\1/p" "$2"; }
flash() { arm-none-eabi-size "$1" | awk 'NR == 2 { print $1 + $2 }'; }
static_ram() { arm-none-eabi-size "$1" | awk 'NR == 2 { print $2 + $3 }'; }

# --- the demo -----------------------------------------------------------------------------------------------------
rows=()
# row WHAT BOARD-LOG IMAGE PLAIN-IMAGE
row() {
    local with without
    with=$(flash "$3") without=$(flash "$4")
    rows+=("$(printf '%-35s %9d %9d %9d %10d %10d %12d %8d' "$1" "$((with - without))" "$without" \
        "$(static_ram "$3")" "$(figure connection_bytes "$2")" "$(figure stack_peak_bytes "$2")" \
        "$(figure handshake_instructions "$2")" "$(figure scratch_used_bytes "$2")")")
}

json_object() {
    printf '{"flash_bytes": %d, "static_ram_bytes": %d, "connection_bytes": %d, "stack_peak_bytes": %d, "handshake_instructions": %d}\n' \
        "$(flash "$1")" "$(static_ram "$1")" "$(figure connection_bytes "$2")" \
        "$(figure stack_peak_bytes "$2")" "$(figure handshake_instructions "$2")"
}

shown() { sed 's/\r$//; /^figures/d; s/^/    board: /' "$1"; }

# page FORM CERTIFICATE LOG: the page arrives, and no other.
page() {
    client "$1" "$2" "$3" || broken "no page" "$3"
    grep -qxF "$page" "$3" || broken "another page" "$3"
}

# public PROVIDER PLAIN-IMAGE: the board trusts an authority as the public web has them.
public() {
    local log=$folder/public-$1 kind
    progress "--- uart, chains as the public web's, elliptic curves by $1"
    firmware uart client "$1" public
    for kind in ecdsa rsa; do
        page uart public-$kind "$log-$kind"
        progress "    $kind: $(sed -n "s/^figures:.* scratch_bytes=\([0-9]*\) scratch_used_bytes=\([0-9]*\).*/\2 of \1 bytes of scratch/p" "$log-$kind")"
        [ -n "$json" ] || row "uart client, $1, public $kind" "$log-$kind" "$image" "$2"
    done
    [ -z "$json" ] || json_object "$image" "$log-ecdsa"
    [ -z "$json" ] || return 0
    # The names are right, but the root has another key. The alert that this calls for: bad_certificate (RFC 8446
    # section 6.2).
    if client uart public-forged "$log-forged"; then broken "a forged chain was believed" "$log-forged"; fi
    grep -q '^refused: alert=42 ' "$log-forged" || broken "refused for another reason" "$log-forged"
    progress "    a chain by another root of the same name: refused"
}

# private FORM PROVIDER PLAIN-IMAGE: the board trusts its owner's authority, and serves.
private() {
    local form=$1 provider=$2 log=$folder/$1-$2 client_image impostor sentences
    progress "--- $form, elliptic curves by $provider: the board asks openssl s_server for a page and checks chain and name"
    firmware "$form" client "$provider"
    client_image=$image
    page "$form" server "$log-client"
    if [ -n "$json" ]; then
        json_object "$image" "$log-client"
        return
    fi
    shown "$log-client"
    row "$form client, $provider" "$log-client" "$image" "$3"

    progress "--- $form, $provider: the board refuses a wrong name, and an authority that it does not trust"
    firmware "$form" client "$provider" sentences
    for impostor in other impostor; do
        if client "$form" $impostor "$log-$impostor"; then broken "$impostor was believed" "$log-$impostor"; fi
        sed -n 's/^refused/    board: refused/p' "$log-$impostor"
    done
    grep -q '^refused: .* is for other names than "server.example"' "$log-other" || broken "refused for another reason" "$log-other"
    grep -q '^refused: .* was signed by no trusted authority' "$log-impostor" || broken "refused for another reason" "$log-impostor"
    sentences=$(($(flash "$image") - $(flash "$client_image")))

    progress "--- $form, $provider: curl asks the board for a page"
    firmware "$form" server "$provider"
    server "$form" "$log-server" || broken "no page" "$log-server"
    grep -q '^TLS 1.3 from a Cortex-M4F' "$log-server.page" || broken "another page" "$log-server"
    sed 's/^/    curl: /' "$log-server.page"
    row "$form server, $provider" "$log-server" "$image" "$3"
    progress "    (errors as sentences: $sentences bytes of flash more)"
}

for form in $forms; do
    for chain in $chains; do
        # The cryptography is the same over any transport.
        [ "$chain" = private ] || [ "$form" = uart ] || continue
        plain=
        if [ -z "$json" ]; then
            firmware "$form" plain software
            plain=$image
        fi
        for provider in $providers; do
            if [ "$chain" = private ]; then private "$form" "$provider" "$plain"; else public "$provider" "$plain"; fi
        done
    done
done
[ -z "$json" ] || exit 0

echo
echo "                                     flash: TLS  the rest    static connection peak stack    handshake  scratch"
echo "                                         (bytes)               RAM                        instructions     used"
printf '%s\n' "${rows[@]}"
cat <<'TEXT'

Flash: of the whole image, split into what the same program takes without TLS, and what TLS adds. Static RAM: all
of it, with 16.6 kB for the largest record that a peer may send. Connection: while the handshake runs; it lies on
the stack here, and is counted in its peak. Instructions: without waiting for the transport. Scratch used: what the
handshake needed of it for messages and certificates; all of it is in the static RAM.
TEXT
