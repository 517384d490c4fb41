//! Tells the linker what memory the emulated board has.

use std::{env, fs, path::PathBuf};

/// A small part of what the mps2-an386 has: what does not fit a real chip should not link.
const MEMORY: &str = "MEMORY
{
  FLASH : ORIGIN = 0x00000000, LENGTH = 256K
  RAM : ORIGIN = 0x20000000, LENGTH = 64K
}
";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("none") {
        let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
        fs::write(folder.join("memory.x"), MEMORY).expect("OUT_DIR can be written to");
        // No interrupt has a handler, so there are no names to be given to any.
        fs::write(folder.join("device.x"), "").expect("OUT_DIR can be written to");
        println!("cargo:rustc-link-search={}", folder.display());
        println!("cargo:rustc-link-arg-bins=-Tlink.x");
    }
}
