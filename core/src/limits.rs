//! Every bound of ours: its name, its number, its reason. Each has an error of its own that carries
//! what was asked and the room there was ([`crate::error::Limit`]). Bounds that the RFCs set
//! stand where they are enforced.

/// Longest cookie that a client echoes from a HelloRetryRequest (RFC 8446 §4.2.2 allows 65,535).
/// Servers put a hash and a MAC into it, some an address too.
pub const MAX_COOKIE: usize = 512;

/// Longest configured application protocol name (RFC 7301 §3.1 allows 255; the longest
/// registered one has 18).
pub const MAX_ALPN_PROTOCOL: usize = 32;

/// Credentials that a client may choose among: whether each fits is a bit, kept while a CertificateRequest streams
/// by. People have a few.
pub const MAX_CLIENT_CREDENTIALS: usize = 32;

/// Longest signature that an owner of a key may answer with: RSA-4096.
pub const MAX_SIGNATURE: usize = 512;

/// Records without content that are accepted in a row: lawful as padding (RFC 8446 §5.4), endless
/// only in an attack.
pub const MAX_EMPTY_RECORDS: u8 = 32;

/// Warning alerts (`user_canceled`) that are ignored in a row (RFC 9846 §6.1).
pub const MAX_WARNINGS: u8 = 4;

/// KeyUpdates accepted in a row without application data between them: each costs us a key
/// derivation and perhaps an answer.
pub const MAX_KEY_UPDATES: u8 = 32;

/// Signature checks that one chain may cost: its own links, and the anchors of the same name that
/// are tried on the way.
pub const MAX_SIGNATURE_CHECKS: usize = 16;

/// Signature checks that the path builder may spend on one chain: more than the walk's, since it tries
/// every way up through cross-signed authorities.
pub const MAX_PATH_SIGNATURE_CHECKS: usize = 64;

/// Certificates of a path that the path builder goes up, the leaf's own included: public chains have three to five,
/// private ones seldom more than ten.
pub const MAX_PATH_LENGTH: usize = 20;

/// Comparisons of a name with a name constraint that one chain may cost: names times subtrees, and
/// both are the peer's. The largest constrained authorities of the public PKI have some hundreds.
pub const MAX_NAME_COMPARISONS: u32 = 250_000;

/// Bytes of early data, record headers included, that a server passes over after refusing it
/// (RFC 8446 §4.2.10): servers commonly allow 16 kB of it.
pub const MAX_SKIPPED_EARLY_DATA: usize = 1 << 16;

/// Extensions that one certificate may have: each is compared with all others, and certificates of
/// the public PKI have about ten.
pub const MAX_EXTENSIONS: usize = 64;

/// Seconds for which a stapled OCSP response counts that does not say when the next will be made: a day, as
/// in Firefox. Responders without that field answer anew each time.
pub const MAX_UNDATED_STAPLE_AGE: u64 = 24 * 60 * 60;
