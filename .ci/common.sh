# Shared by .ci/install, .ci/run and .ci/thumb: where things lie. Sourced, not run.

# Outside the clone, so that a fresh clone on a warm machine is quick.
CACHE=${FERRULE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ferrule}
PATH=$PATH:$CACHE/bin:/usr/sbin:/sbin
export PATH

THUMB=thumbv7em-none-eabihf
# A 32-bit host, on which core's own tests run too.
NARROW=i686-unknown-linux-gnu
DEBIAN_RUSTC=/usr/bin/rustc
DEBIAN_LIBRARY=/usr/lib/rustlib/src/rust/library

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }

# The target as rustup installs it. FERRULE_THUMB=source passes it over, to try the other way.
thumb_by_rustup() {
    [ "${FERRULE_THUMB:-}" != source ] || return 1
    compgen -G "$(rustc --print sysroot)/lib/rustlib/$THUMB/lib/libcore-*.rlib" >/dev/null
}

# Whether tests can be built and run for the 32-bit host: its std, and a C library to link with.
has_narrow() {
    compgen -G "$(rustc --print sysroot)/lib/rustlib/$NARROW/lib/libstd-*.rlib" >/dev/null &&
        echo 'int main(void) { return 0; }' | cc -m32 -x c - -o /dev/null 2>/dev/null
}

# The folder of the sysroot that .ci/install builds; one for each compiler, since rlibs are bound to it.
thumb_sysroot() {
    echo "$CACHE/sysroot/$THUMB-$($DEBIAN_RUSTC -vV 2>/dev/null | sed -n 's/^commit-hash: //p')"
}

thumb_by_sysroot() {
    [ -x $DEBIAN_RUSTC ] && compgen -G "$(thumb_sysroot)/lib/rustlib/$THUMB/lib/libcore-*.rlib" >/dev/null
}

# rust-lld lies in every rustup toolchain; Debian's compiler has none.
rust_lld() {
    local path
    path=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/rust-lld
    if [ -x "$path" ]; then echo "$path"; elif has rust-lld; then command -v rust-lld; else command -v ld.lld; fi
}
has_rust_lld() { rust_lld >/dev/null; }

# Runs cargo so that it builds for $THUMB, by whichever of the two ways is there. THUMB_FLAGS: more for rustc.
thumb_cargo() {
    if thumb_by_rustup; then
        CARGO_TARGET_THUMBV7EM_NONE_EABIHF_RUSTFLAGS=${THUMB_FLAGS:-} cargo "$@"
    else
        RUSTC=$DEBIAN_RUSTC CARGO_TARGET_THUMBV7EM_NONE_EABIHF_LINKER=$(rust_lld) \
            CARGO_TARGET_THUMBV7EM_NONE_EABIHF_RUSTFLAGS="--sysroot=$(thumb_sysroot) ${THUMB_FLAGS:-}" cargo "$@"
    fi
}

# --- fuzzing ------------------------------------------------------------------------------------------------------
# Coverage needs no sanitizer, and so no nightly compiler, only the leave to use its switches. `unsafe` is in
# neither ferrule nor its targets, so that an address sanitizer would halve the speed for the dependencies' sake.
fuzz_build() {
    local toolchain=
    if has rustup && cargo +nightly --version >/dev/null 2>&1; then
        toolchain=+nightly
    else
        export RUSTC_BOOTSTRAP=1
    fi
    # What is fuzzed is what ships: no `cfg(fuzzing)`.
    cargo $toolchain fuzz build --sanitizer none --no-cfg-fuzzing
}
fuzz_targets() { sed -n 's/^path = "fuzz_targets\/\(.*\)\.rs"/\1/p' fuzz/Cargo.toml; }
fuzz_binary() { echo "fuzz/target/$(rustc -vV | sed -n 's/^host: //p')/release/$1"; }
