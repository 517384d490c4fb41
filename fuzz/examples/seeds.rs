//! Writes `seeds/TARGET/NAME`: conversations of our own two parties, in the form that each target reads. Run it
//! again (`cargo run --example seeds`) when a message or a target's form has changed.

use ferrule_fuzz::lawful::{self, Message, Part};
use ferrule_fuzz::records::{HANDSHAKE, protected, sealed};
use ferrule_fuzz::world::{INTERMEDIATE, LEAF, ROOT, VARIANTS};
use std::io::Result;
use std::path::Path;

/// Variants that differ in the messages, not in the order of a list alone.
const WORTH_KEEPING: [u8; 6] = [0, 1, 2, 4 + 3, 8, 16 + 4];

fn main() -> Result<()> {
    for variant in WORTH_KEEPING {
        let [client, server] = lawful::parts(variant);
        conversations(variant, client, server)?;
        messages(variant, client, server)?;
        asked_for_certificate(variant, server)?;
    }
    after_handshake()?;
    records()?;
    certificates()?;
    links()
}

fn save(target: &str, name: &str, parts: &[&[u8]]) -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(name), parts.concat())
}

/// For `client` and `server`: a variant, calls, the wire. For `chunking`: a variant, cuts, a room, the wire.
fn conversations(variant: u8, client: &Part, server: &Part) -> Result<()> {
    // The calls: none, so that all is read as it comes; or pieces, then what is wanted.
    let calls: [(&str, &[u8]); 3] = [
        ("whole", &[0]),
        ("pieces", &[2, 0x80, 0x8d]),
        ("calls", &[9, 0x80, 0x03, 0xf4, 0x05, 0x06, 0x08, 0x39, 0x0b, 0x70]),
    ];
    for (name, calls) in calls {
        let name = format!("{name}-{variant:02}");
        save("client", &name, &[&[variant], calls, &server.wire])?;
        save("server", &name, &[&[variant], calls, &client.wire])?;
    }
    save("chunking", &format!("server-{variant:02}"), &[&[variant, 3, 0x35, 0x90, 0x11, 0], &client.wire])?;
    save("chunking", &format!("client-{variant:02}"), &[&[variant | 0x80, 2, 0x09, 0x01, 90], &server.wire])
}

/// For `handshake_message`: a variant, side and position, a kind, a cut, a body.
fn messages(variant: u8, client: &Part, server: &Part) -> Result<()> {
    for (side, messages) in [&client.messages, &server.messages].into_iter().enumerate() {
        for (position, Message { bytes, .. }) in messages.iter().enumerate() {
            let place = 0x10 | (position as u8) << 1 | side as u8;
            let name = format!("{side}-{position}-{variant:02}");
            save("handshake_message", &name, &[&[variant, place, bytes[0], 0], &bytes[4..]])?;
        }
    }
    Ok(())
}

/// A CertificateRequest's body, which names an authority.
const REQUEST: [u8; 19] = [0, 0, 16, 0, 13, 0, 4, 0, 2, 4, 3, 0, 47, 0, 4, 0, 2, 0, 0];

/// The server's part with a CertificateRequest behind EncryptedExtensions: our own server never asks, and chance
/// hardly puts one into the right place of an otherwise lawful flight.
fn asked_for_certificate(variant: u8, server: &Part) -> Result<()> {
    let asked = [&[13, 0, 0, REQUEST.len() as u8][..], &REQUEST].concat();
    let mut wire = Vec::new();
    for Message { bytes, protected } in &server.messages {
        wire.extend(sealed(*protected, HANDSHAKE, bytes));
        if bytes[0] == 8 {
            wire.extend(sealed(true, HANDSHAKE, &asked));
        }
    }
    save("client", &format!("asked-{variant:02}"), &[&[variant, 0], &wire])?;
    save("chunking", &format!("asked-{variant:02}"), &[&[variant | 0x80, 1, 7, 10], &wire])
}

/// A ticket with an extension, half a ticket, new keys; a CertificateRequest.
fn after_handshake() -> Result<()> {
    let head = [0, 0, 14, 16, 1, 2, 3, 4, 2, 0, 1, 0, 4, b't', b'i', b'c', b'k'];
    let ticket = [&head[..], &[0, 8, 0, 42, 0, 4, 0, 0, 64, 0]].concat();
    let update: &[u8] = &[1];
    let [client, server] = lawful::parts(0);
    for (name, place, kind, body) in
        [("ticket", 0x0b, 4, &ticket[..]), ("request", 0x05, 13, &REQUEST), ("update", 0x0b, 24, update)]
    {
        save("handshake_message", name, &[&[0, place, kind, 0], body])?;
    }
    save("handshake_message", "update-server", &[&[0, 0x04, 24, 1], update])?;
    let message = [&[4, 0, 0, ticket.len() as u8][..], &ticket].concat();
    let two = [&message[..], &message].concat();
    let tickets = [
        protected(HANDSHAKE, &two, 3),
        protected(HANDSHAKE, &message[..7], 0),
        protected(HANDSHAKE, &[&message[7..], &[24, 0, 0, 1, 1]].concat(), 0),
    ]
    .concat();
    let before_end = &server.wire[..server.wire.len() - 5 - 2 - 17];
    save("client", "tickets", &[&[0, 0], before_end, &tickets])?;
    save("chunking", "tickets", &[&[0x80, 1, 7, 10], before_end, &tickets])?;
    let flight = &client.messages[1].bytes;
    let with_update = [&flight[..], &[24, 0, 0, 1, 1]].concat();
    save("handshake_message", "finished-and-more", &[&[0, 0x02, 20, 0], &with_update[4..]])
}

/// For `record`: what is tested, then for each record a form, its content, and what the form asks for.
fn records() -> Result<()> {
    let data: &[u8] = &[0, 3, b'a', b'b', b'c', 2, 0, 0x40, 1, b'x', 0, 9];
    let alert: &[u8] = &[3, 2, 1, 90, 0, 0, 3, 2, 1, 0, 0, 0];
    let limits: &[u8] = &[0xc0, 1, 7, 0, 0, 0xc0, 1, 7, 14, 0, 0xc0, 1, 7, 9, 0];
    let bad_tag: &[u8] = &[0x30, 2, 1, 2, 0, 5, 1, 0];
    let outer: &[u8] = &[8, 2, 1, 0, 21, 0];
    let empty: &[u8] = &[0, 0, 0, 0].repeat(33);
    let all = [("data", data), ("alert", alert), ("limits", limits), ("tag", bad_tag), ("outer", outer)];
    for (name, records) in all.into_iter().chain([("empty", empty)]) {
        save("record", &format!("client-{name}"), &[&[0], data, records])?;
        save("record", &format!("server-{name}"), &[&[1], data, records])?;
    }
    save("record", "writing", &[&[2, 7, 0, 3, 1, 2, 3, 5, 15, 255, 2, 1, 2, 7]])?;
    save("record", "window", &[&[3, 16, 9, 4, 20, 3, 7, 30, 255, 0]])
}

/// For `certificate`: how, a cut, and each with its length; for `chain`, how, and each; for `inspect`, each.
fn certificates() -> Result<()> {
    save("certificate", "name", &[&[0, 11], b"server.test", LEAF])?;
    let long = |der: &[u8]| [&(der.len() as u16).to_be_bytes(), der].concat();
    let chain = [long(LEAF), long(INTERMEDIATE)].concat();
    for (name, how) in [("plain", 0), ("real", 2)] {
        save("chain", name, &[&[how], &chain])?;
        save("chain", &format!("{name}-anchored"), &[&[how | 1], &chain, &long(ROOT)])?;
        save(
            "chain",
            &format!("{name}-misordered"),
            &[&[how], &long(LEAF), &long(ROOT), &long(INTERMEDIATE)],
        )?;
    }
    save("inspect", "sound", &[&chain])?;
    save("inspect", "misordered", &[&long(LEAF), &long(ROOT), &long(INTERMEDIATE)])?;
    for (name, how) in [("believed", 1), ("real", 2)] {
        save("certificate", name, &[&[how, 7], &chain])?;
        save("certificate", &format!("{name}-root"), &[&[how, 0], &chain, &long(ROOT)])?;
    }
    save("certificate", "anchored", &[&[3, 0], &chain, &long(ROOT)])?;
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/fixtures/chains");
    for kind in ["ed25519", "p384", "rsa"] {
        let read = |part: &str| std::fs::read(fixtures.join(format!("{kind}-{part}.der")));
        let (Ok(leaf), Ok(root)) = (read("leaf"), read("root")) else {
            continue;
        };
        save("certificate", &format!("apart-{kind}"), &[&[0, 0], &leaf])?;
        let middle = read("intermediate").map_or(Vec::new(), |der| long(&der));
        let foreign = [long(&leaf), middle.clone()].concat();
        save("chain", &format!("anchored-{kind}"), &[&[1], &foreign, &long(&root)])?;
        save("inspect", &format!("foreign-{kind}"), &[&foreign])?;
        save("certificate", &format!("anchored-{kind}"), &[&[3, 0], &long(&leaf), &middle, &long(&root)])?;
    }
    Ok(())
}

/// For `two_parties`: flags, then events with their arguments.
fn links() -> Result<()> {
    let turns = [0x04, 0xff, 0x03, 0xff, 0x83, 0xff, 0x03, 0xff, 0x83, 0xff];
    let words = [0x05, 0x70, 0x85, 0x90, 0x07, 0, 0x05, 0x30, 0x04, 0, 0x03, 0, 0x83, 0, 0x06, 200, 0x86, 99];
    let end = [0x08, 1, 0x88, 1, 0x03, 0, 0x83, 0];
    for flags in 0..VARIANTS * 2 {
        if WORTH_KEEPING.contains(&(flags % VARIANTS)) {
            save("two_parties", &format!("whole-{flags:02}"), &[&[flags], &turns, &words, &end])?;
        }
        if flags % VARIANTS == 0 {
            let slow = [0x04, 0, 0x00, 0x80, 0x00, 0xf0, 0x80, 0x70].repeat(9);
            save("two_parties", &format!("slow-{flags:02}"), &[&[flags], &slow, &turns, &words])?;
            for attack in [0x09, 0x0b, 0x0c, 0x0e, 0x0f] {
                let name = format!("attack-{attack:02x}-{flags:02}");
                let hello = [0x04, 0xff, attack, 0x32, 1];
                save("two_parties", &name, &[&[flags], &hello, &turns, &words])?;
                let flight = [0x04, 0xff, 0x03, 0xff, attack | 0x80, 0x65, 1];
                save("two_parties", &format!("{name}-flight"), &[&[flags], &flight, &turns, &words])?;
                let later = [attack | 0x80, 0x12, 0xff];
                save("two_parties", &format!("{name}-late"), &[&[flags], &turns, &words, &later, &end])?;
            }
        }
    }
    Ok(())
}
