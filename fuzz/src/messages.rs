//! Handshake messages (RFC 8446 §4), read and written a second time, as strictly as the RFC's definitions are.
//!
//! [`Message::parse`] gives only what [`Message::emit`] gives back byte for byte; what core accepts must be
//! good here, and what core calls malformed must not be.

/// Kinds of messages (§4).
pub const CLIENT_HELLO: u8 = 1;
/// See [`CLIENT_HELLO`].
pub const SERVER_HELLO: u8 = 2;
/// See [`CLIENT_HELLO`].
pub const NEW_SESSION_TICKET: u8 = 4;
/// See [`CLIENT_HELLO`].
pub const ENCRYPTED_EXTENSIONS: u8 = 8;
/// See [`CLIENT_HELLO`].
pub const CERTIFICATE: u8 = 11;
/// See [`CLIENT_HELLO`].
pub const CERTIFICATE_REQUEST: u8 = 13;
/// See [`CLIENT_HELLO`].
pub const CERTIFICATE_VERIFY: u8 = 15;
/// See [`CLIENT_HELLO`].
pub const FINISHED: u8 = 20;
/// See [`CLIENT_HELLO`].
pub const KEY_UPDATE: u8 = 24;

/// An extension: its type and its body.
pub type Extension = (u16, Vec<u8>);

/// A message of a kind that we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// §4.1.2; without extensions, as before they were invented.
    ClientHello {
        /// Version and random.
        head: Vec<u8>,
        /// `legacy_session_id`
        session_id: Vec<u8>,
        /// `cipher_suites`
        suites: Vec<u8>,
        /// `legacy_compression_methods`
        compression: Vec<u8>,
        /// `extensions`
        extensions: Option<Vec<Extension>>,
    },
    /// §4.1.3
    ServerHello {
        /// Version and random.
        head: Vec<u8>,
        /// `legacy_session_id_echo`
        session_id: Vec<u8>,
        /// The suite and the compression method.
        choice: Vec<u8>,
        /// `extensions`
        extensions: Option<Vec<Extension>>,
    },
    /// §4.3.1
    EncryptedExtensions(Vec<Extension>),
    /// §4.3.2: the context first.
    CertificateRequest(Vec<u8>, Vec<Extension>),
    /// §4.4.2: the context first.
    Certificate(Vec<u8>, Vec<(Vec<u8>, Vec<Extension>)>),
    /// §4.4.3: scheme and signature.
    CertificateVerify(Vec<u8>, Vec<u8>),
    /// §4.6.1: lifetime and age, nonce, ticket, extensions.
    NewSessionTicket(Vec<u8>, Vec<u8>, Vec<u8>, Vec<Extension>),
    /// §4.4.4
    Finished(Vec<u8>),
    /// §4.6.3
    KeyUpdate(u8),
}

type Rest<'a, 'b> = &'b mut &'a [u8];

fn take<'a>(rest: Rest<'a, '_>, length: usize) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(taken)
}

/// A vector whose length takes `width` bytes.
fn vector<'a>(rest: Rest<'a, '_>, width: usize, lengths: std::ops::Range<usize>) -> Option<&'a [u8]> {
    let length = take(rest, width)?.iter().fold(0, |length, &byte| length << 8 | usize::from(byte));
    let bytes = take(rest, length)?;
    lengths.contains(&length).then_some(bytes)
}

fn list<T>(mut bytes: &[u8], mut one: impl FnMut(Rest<'_, '_>) -> Option<T>) -> Option<Vec<T>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        all.push(one(&mut bytes)?);
    }
    Some(all)
}

fn extensions(rest: Rest<'_, '_>) -> Option<Vec<Extension>> {
    let all = list(vector(rest, 2, 0..1 << 16)?, |rest| {
        let kind = take(rest, 2)?;
        Some((u16::from_be_bytes([kind[0], kind[1]]), vector(rest, 2, 0..1 << 16)?.to_vec()))
    })?;
    Some(all)
}

fn optional_extensions(rest: Rest<'_, '_>) -> Option<Option<Vec<Extension>>> {
    if rest.is_empty() { Some(None) } else { extensions(rest).map(Some) }
}

fn put(out: &mut Vec<u8>, width: usize, body: &[u8]) {
    out.extend_from_slice(&body.len().to_be_bytes()[8 - width..]);
    out.extend_from_slice(body);
}

fn put_extensions(out: &mut Vec<u8>, extensions: &[Extension]) {
    let mut all = Vec::new();
    for (kind, body) in extensions {
        all.extend(kind.to_be_bytes());
        put(&mut all, 2, body);
    }
    put(out, 2, &all);
}

impl Message {
    /// Reads the body of a message. `None` where it is malformed, or of a kind that is not known.
    pub fn parse(kind: u8, mut body: &[u8]) -> Option<Self> {
        let rest = &mut body;
        let message = match kind {
            CLIENT_HELLO => Self::ClientHello {
                head: take(rest, 34)?.to_vec(),
                session_id: vector(rest, 1, 0..33)?.to_vec(),
                suites: vector(rest, 2, 2..0xffff).filter(|suites| suites.len() % 2 == 0)?.to_vec(),
                compression: vector(rest, 1, 1..256)?.to_vec(),
                extensions: optional_extensions(rest)?,
            },
            SERVER_HELLO => Self::ServerHello {
                head: take(rest, 34)?.to_vec(),
                session_id: vector(rest, 1, 0..33)?.to_vec(),
                choice: take(rest, 3)?.to_vec(),
                extensions: optional_extensions(rest)?,
            },
            ENCRYPTED_EXTENSIONS => Self::EncryptedExtensions(extensions(rest)?),
            CERTIFICATE_REQUEST => {
                Self::CertificateRequest(vector(rest, 1, 0..256)?.to_vec(), extensions(rest)?)
            }
            CERTIFICATE => Self::Certificate(
                vector(rest, 1, 0..256)?.to_vec(),
                list(vector(rest, 3, 0..1 << 24)?, |rest| {
                    Some((vector(rest, 3, 1..1 << 24)?.to_vec(), extensions(rest)?))
                })?,
            ),
            CERTIFICATE_VERIFY => {
                Self::CertificateVerify(take(rest, 2)?.to_vec(), vector(rest, 2, 0..1 << 16)?.to_vec())
            }
            NEW_SESSION_TICKET => Self::NewSessionTicket(
                take(rest, 8)?.to_vec(),
                vector(rest, 1, 0..256)?.to_vec(),
                vector(rest, 2, 1..1 << 16)?.to_vec(),
                extensions(rest)?,
            ),
            FINISHED => Self::Finished(take(rest, rest.len())?.to_vec()),
            KEY_UPDATE => Self::KeyUpdate(take(rest, 1)?[0]),
            _ => return None,
        };
        rest.is_empty().then_some(message)
    }

    /// The body again.
    pub fn emit(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::ClientHello { head, session_id, suites, compression, extensions } => {
                out.extend(head);
                put(&mut out, 1, session_id);
                put(&mut out, 2, suites);
                put(&mut out, 1, compression);
                extensions.iter().for_each(|list| put_extensions(&mut out, list));
            }
            Self::ServerHello { head, session_id, choice, extensions } => {
                out.extend(head);
                put(&mut out, 1, session_id);
                out.extend(choice);
                extensions.iter().for_each(|list| put_extensions(&mut out, list));
            }
            Self::EncryptedExtensions(extensions) => put_extensions(&mut out, extensions),
            Self::CertificateRequest(context, extensions) => {
                put(&mut out, 1, context);
                put_extensions(&mut out, extensions);
            }
            Self::Certificate(context, entries) => {
                put(&mut out, 1, context);
                let mut all = Vec::new();
                for (certificate, extensions) in entries {
                    put(&mut all, 3, certificate);
                    put_extensions(&mut all, extensions);
                }
                put(&mut out, 3, &all);
            }
            Self::CertificateVerify(scheme, signature) => {
                out.extend(scheme);
                put(&mut out, 2, signature);
            }
            Self::NewSessionTicket(head, nonce, ticket, extensions) => {
                out.extend(head);
                put(&mut out, 1, nonce);
                put(&mut out, 2, ticket);
                put_extensions(&mut out, extensions);
            }
            Self::Finished(data) => out.extend(data),
            Self::KeyUpdate(request) => out.push(*request),
        }
        out
    }

    /// Its extensions, of all its lists.
    fn extensions(&self) -> Vec<&Extension> {
        match self {
            Self::ClientHello { extensions, .. } | Self::ServerHello { extensions, .. } => {
                extensions.iter().flatten().collect()
            }
            Self::EncryptedExtensions(list)
            | Self::CertificateRequest(_, list)
            | Self::NewSessionTicket(_, _, _, list) => list.iter().collect(),
            Self::Certificate(_, entries) => entries.iter().flat_map(|(_, list)| list).collect(),
            Self::CertificateVerify(..) | Self::Finished(_) | Self::KeyUpdate(_) => Vec::new(),
        }
    }

    /// Whether the bodies of those extensions that we know have the form that this message gives them.
    pub fn has_good_extensions(&self, is_retry: bool) -> bool {
        self.extensions().into_iter().all(|(kind, body)| match self {
            // "MUST ignore a "max_fragment_length" that appears in a ClientHello if both extensions appear" (RFC 8449 §5).
            Self::ClientHello { .. }
                if *kind == 1 && self.extensions().iter().any(|(kind, _)| *kind == 28) =>
            {
                true
            }
            Self::ClientHello { .. } => offer_is_good(*kind, body),
            Self::CertificateRequest(..) => match kind {
                13 => numbers(body, 2),
                47 => authorities_are_good(body),
                _ => true,
            },
            Self::ServerHello { .. } => selection_is_good(*kind, body, is_retry),
            Self::EncryptedExtensions(_) => match kind {
                0 => body.is_empty(),
                10 => offer_is_good(*kind, body),
                16 => protocols(body).is_some_and(|names| names == 1),
                _ => true,
            },
            Self::NewSessionTicket(..) => *kind != 42 || body.len() == 4,
            _ => true,
        })
    }

    /// Whether no extension that we could mean comes twice in one list.
    pub fn has_no_doubles(&self) -> bool {
        let mut kinds: Vec<u16> =
            self.extensions().iter().map(|(kind, _)| *kind).filter(|kind| *kind < 256).collect();
        kinds.sort_unstable();
        kinds.windows(2).all(|pair| pair[0] != pair[1]) || matches!(self, Self::Certificate(..))
    }
}

fn whole<T>(mut body: &[u8], read: impl FnOnce(Rest<'_, '_>) -> Option<T>) -> Option<T> {
    let value = read(&mut body)?;
    body.is_empty().then_some(value)
}

fn numbers(body: &[u8], width: usize) -> bool {
    whole(body, |rest| vector(rest, width, 2..0xffff).map(|list| list.len() % 2 == 0)) == Some(true)
}

fn protocols(body: &[u8]) -> Option<usize> {
    let names = whole(body, |rest| vector(rest, 2, 2..1 << 16).map(<[u8]>::to_vec))?;
    list(&names, |rest| vector(rest, 1, 1..256).map(|_| ())).map(|names| names.len())
}

fn share(rest: Rest<'_, '_>) -> Option<()> {
    take(rest, 2)?;
    vector(rest, 2, 1..1 << 16).map(|_| ())
}

/// `DistinguishedName authorities<3..2^16-1>`, each `opaque <1..2^16-1>` (§4.2.4).
fn authorities_are_good(body: &[u8]) -> bool {
    let names = whole(body, |rest| vector(rest, 2, 3..1 << 16).map(<[u8]>::to_vec));
    names.is_some_and(|names| list(&names, |rest| vector(rest, 2, 1..1 << 16).map(|_| ())).is_some())
}

/// CertificateStatusRequest (RFC 6066 §8); of other types than OCSP nothing is known.
fn status_request_is_good(body: &[u8]) -> bool {
    let responder = |rest: Rest<'_, '_>| vector(rest, 2, 1..1 << 16).map(|_| ());
    match body.split_first() {
        None => false,
        Some((1, rest)) => whole(rest, |rest| {
            let responders = vector(rest, 2, 0..1 << 16)?.to_vec();
            vector(rest, 2, 0..1 << 16)?;
            list(&responders, responder).map(|_| ())
        })
        .is_some(),
        Some(_) => true,
    }
}

fn offer_is_good(kind: u16, body: &[u8]) -> bool {
    match kind {
        1 => body.len() == 1,
        5 => status_request_is_good(body),
        28 => body.len() == 2,
        0 => {
            let names = whole(body, |rest| vector(rest, 2, 1..1 << 16).map(<[u8]>::to_vec));
            let one = |rest: Rest<'_, '_>| {
                take(rest, 1)?;
                vector(rest, 2, 1..1 << 16).map(|_| ())
            };
            names.is_some_and(|names| list(&names, one).is_some())
        }
        10 | 13 => numbers(body, 2),
        16 => protocols(body).is_some(),
        43 => numbers(body, 1),
        51 => {
            let shares = whole(body, |rest| vector(rest, 2, 0..1 << 16).map(<[u8]>::to_vec));
            shares.is_some_and(|shares| list(&shares, share).is_some())
        }
        _ => true,
    }
}

fn selection_is_good(kind: u16, body: &[u8], is_retry: bool) -> bool {
    match kind {
        43 => body.len() == 2,
        44 => whole(body, |rest| vector(rest, 2, 1..1 << 16).map(|_| ())).is_some(),
        51 if is_retry => body.len() == 2,
        51 => whole(body, share).is_some(),
        _ => true,
    }
}
