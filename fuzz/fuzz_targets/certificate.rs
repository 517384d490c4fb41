//! Certificates: arbitrary ones taken apart, and chains of arbitrary ones walked, with signatures that are
//! believed and with real ones, from whole certificates and from the pieces of a Certificate message.
#![no_main]

use ferrule::certificate::{Certificate, Role, ServerName, TrustAnchor, chain};
use ferrule::crypto::software;
use ferrule::{Error, error::Misbehaved};
use ferrule_fuzz::input::{Input, size};
use ferrule_fuzz::lawful::{self, ROOM};
use ferrule_fuzz::messages::{CERTIFICATE, Message};
use ferrule_fuzz::provider::{FuzzRandom, Strength, provider};
use ferrule_fuzz::records::{HANDSHAKE, protected, sealed};
use ferrule_fuzz::walk::walk;
use ferrule_fuzz::world;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let choice = input.byte();
    if choice & 3 == 0 {
        let name = input.short_list();
        return take_apart(input.rest(), name);
    }
    let cut = size(input.byte());
    let mut chain = Vec::new();
    while !input.is_empty() && chain.len() < 8 {
        chain.push(input.long_list());
    }
    chain.iter().for_each(|der| take_apart(der, b""));
    match choice & 3 {
        1 => believed(&chain, cut, choice),
        2 => real(&chain),
        _ => anchored(&chain),
    }
});

/// Every accessor; and what is lent lies within what was parsed.
fn take_apart(der: &[u8], name: &[u8]) {
    let name = std::str::from_utf8(name).ok().and_then(|name| ServerName::parse(name).ok());
    if let Some(host) = name.as_ref().and_then(|name| name.as_dns()) {
        let again = ServerName::parse(host).expect("a name, written, is a name");
        assert_eq!(again.as_dns(), Some(host));
    }
    let Ok(certificate) = Certificate::parse(der) else {
        return;
    };
    assert_eq!(certificate.as_der(), der, "bytes behind the certificate");
    let range = der.as_ptr_range();
    let within = |bytes: &[u8]| {
        let inside = bytes.as_ptr_range();
        assert!(bytes.is_empty() || (range.start <= inside.start && inside.end <= range.end));
    };
    for bytes in [
        certificate.to_be_signed(),
        certificate.serial(),
        certificate.signature(),
        certificate.public_key_info(),
        certificate.issuer().as_contents(),
        certificate.subject().as_contents(),
    ] {
        within(bytes);
    }
    let (issuer, subject) = (certificate.issuer(), certificate.subject());
    assert!(issuer.matches(&issuer) && subject.matches(&subject), "a name is itself");
    assert_eq!(issuer.matches(&subject), subject.matches(&issuer), "and a match is mutual");
    assert_eq!(certificate.is_self_issued(), issuer.matches(&subject));
    let _ = (subject.common_name(), certificate.not_before(), certificate.not_after(), certificate.version());
    let _ = (certificate.public_key(), certificate.signature_algorithm());
    let extensions = certificate.extensions();
    for extension in extensions.iter() {
        within(extension.id);
        within(extension.value);
        assert!(extensions.find(extension.id).is_some());
    }
    assert_eq!(extensions.is_empty(), extensions.iter().next().is_none());
    let _ = (extensions.basic_constraints(), extensions.key_usage());
    let _ = [Role::Client, Role::Server].map(|role| extensions.extended_key_usage_allows(role));
    if let Ok(Some(names)) = certificate.subject_alt_names() {
        let _ = format!("{names:?}");
    }
    let anchor = TrustAnchor::from_certificate(der);
    if let Ok(anchor) = anchor {
        assert!(anchor.subject().matches(&subject));
        let _ = anchor.public_key();
    }
}

/// All signatures are believed: the rules are what is left. A client that gets the same chain in pieces of a
/// message comes to the same end.
fn believed(chain: &[&[u8]], cut: usize, choice: u8) {
    let verifier = chain::Verifier::new(world::anchors());
    let direct = walk(&verifier, provider(Strength::Open, 1), chain, None, 1 << 18);
    let small = walk(&verifier, provider(Strength::Open, 1), chain, None, 600);
    assert!(small.is_err() || direct.is_ok(), "less memory makes nobody trustworthy");
    if chain.is_empty() || chain.iter().any(|der| der.is_empty()) {
        return;
    }

    let variant = choice >> 3;
    let mut client = world::client(variant, Strength::Open);
    client.drive(ROOM);
    for message in &lawful::parts(variant)[1].messages {
        if message.bytes[0] == CERTIFICATE {
            break;
        }
        client.deliver(&sealed(message.protected, HANDSHAKE, &message.bytes));
        client.drive(ROOM);
    }
    let entries = chain.iter().map(|der| (der.to_vec(), Vec::new())).collect();
    let body = Message::Certificate(Vec::new(), entries).emit();
    let whole = [&[CERTIFICATE], &(body.len() as u32).to_be_bytes()[1..], &body].concat();
    for piece in whole.chunks(cut.clamp(1, 1 << 14)) {
        client.deliver(&protected(HANDSHAKE, piece, 0));
        client.drive(ROOM);
    }
    match (client.error, direct) {
        (None, Ok(())) => {}
        (Some(Error::Certificate(streamed)), Err(direct)) if streamed == direct => {}
        // A connection's scratch is smaller.
        (Some(Error::Limit(_)), _) => {}
        (Some(Error::Certificate(streamed)), _) if format!("{streamed:?}").contains("MemoryTooSmall") => {}
        // The key of a leaf that is trusted as it is may still be of no use for a signature.
        (Some(Error::Crypto(_) | Error::Misbehaved(Misbehaved::NoCertificate)), _) => {}
        (streamed, direct) => panic!("in pieces {streamed:?}, but as a whole {direct:?}"),
    }
}

/// Real signatures, and one trusted root whose key is gone: nobody but its own are ever believed.
fn real(chain: &[&[u8]]) {
    let verifier = chain::Verifier::new(world::anchors());
    let Ok(()) = walk(&verifier, software::provider(FuzzRandom(1)), chain, None, 1 << 18) else {
        return;
    };
    let signed = |der| Certificate::parse(der).ok().map(|certificate| certificate.to_be_signed());
    let leaf = chain.first().copied().unwrap_or_default();
    assert_eq!(signed(leaf), signed(world::LEAF), "a forged certificate was believed");
}

/// The last certificate is what is trusted.
fn anchored(chain: &[&[u8]]) {
    let Some((anchor, served)) = chain.split_last() else {
        return;
    };
    let Ok(anchor) = TrustAnchor::from_certificate(anchor) else {
        return;
    };
    let anchors = [anchor, world::anchors()[0]];
    let _ = walk(&chain::Verifier::new(&anchors), provider(Strength::Open, 1), served, None, 1 << 18);
    let _ = walk(&chain::Verifier::new(&anchors), software::provider(FuzzRandom(1)), served, None, 4096);
}
