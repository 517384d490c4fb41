//! Record payload protection (RFC 8446 §5.2, §5.3).

use super::{ContentType, HEADER_LENGTH, MAX_PLAINTEXT};
use crate::crypto::{
    AeadAlgorithm, AeadKey, Aeads, CipherSuite, CryptoError, CryptoProvider, NONCE_LENGTH, Secret, TAG_LENGTH,
};
use crate::error::inner::Error;
use crate::error::{Limit, Misbehaved};
use crate::key_schedule;
use zeroize::Zeroize;

/// One direction's keys in use: traffic secret, AEAD key, IV and sequence number.
pub(crate) struct Protection<K> {
    key: K,
    iv: [u8; NONCE_LENGTH],
    sequence: u64,
    algorithm: AeadAlgorithm,
    suite: CipherSuite,
    /// Kept for Finished (§4.4.4) and for the next generation (§7.2).
    secret: Secret,
}

impl<K> core::fmt::Debug for Protection<K> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Protection")
            .field("suite", &self.suite)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl<K> Drop for Protection<K> {
    fn drop(&mut self) {
        self.iv.zeroize();
    }
}

impl<K: AeadKey> Protection<K> {
    /// Puts a traffic secret with its key and IV (§7.3) into `slot`. In place: a cipher's key schedule has
    /// some 400 bytes, and to hand it on from one function to the next copies it each time.
    #[inline(never)]
    pub(crate) fn install<P>(
        slot: &mut Option<Self>,
        provider: &mut P,
        suite: CipherSuite,
        secret: &Secret,
    ) -> Result<(), Error>
    where
        P: CryptoProvider,
        P::Aeads: Aeads<Key = K>,
    {
        let algorithm = suite.aead().ok_or(Error::Internal("protection: suite without an AEAD"))?;
        let keys = key_schedule::traffic_keys(provider, suite, secret)?;
        let key = provider.aeads().key(algorithm, keys.key.expose())?;
        let kept = Secret::empty();
        let protection = slot.insert(Self { key, iv: keys.iv, sequence: 0, algorithm, suite, secret: kept });
        Ok(protection.secret.set(secret.expose())?)
    }

    /// [`install`](Self::install), where there is no place for them yet.
    pub(crate) fn new<P>(provider: &mut P, suite: CipherSuite, secret: &Secret) -> Result<Self, Error>
    where
        P: CryptoProvider,
        P::Aeads: Aeads<Key = K>,
    {
        let mut slot = None;
        Self::install(&mut slot, provider, suite, secret)?;
        slot.ok_or(Error::Internal("protection: installed nowhere"))
    }

    /// The next generation of these keys (§7.2).
    #[inline(never)]
    pub(crate) fn next<P>(&self, provider: &mut P) -> Result<Self, Error>
    where
        P: CryptoProvider,
        P::Aeads: Aeads<Key = K>,
    {
        let mut next = Secret::empty();
        key_schedule::next_traffic_secret(provider, self.suite, &self.secret, &mut next)?;
        Self::new(provider, self.suite, &next)
    }

    pub(crate) const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Whether so many records have been protected that the key should be replaced now, while there
    /// is still room for the KeyUpdate itself (§5.5).
    pub(crate) const fn is_worn(&self) -> bool {
        self.sequence >= self.algorithm.record_limit()
    }

    /// The per-record nonce (§5.3).
    fn nonce(&self) -> [u8; NONCE_LENGTH] {
        let mut nonce = self.iv;
        if let Some(low) = nonce.last_chunk_mut::<8>() {
            *low = (u64::from_be_bytes(*low) ^ self.sequence).to_be_bytes();
        }
        nonce
    }

    /// "Sequence numbers MUST NOT wrap" (§5.3).
    fn step(&mut self) -> Result<(), Error> {
        self.sequence = self.sequence.checked_add(1).ok_or(Limit::SequenceNumber)?;
        Ok(())
    }

    /// Seals `record[5..5 + length]` where it lies: appends the content type and the tag, and writes
    /// the header. Returns the length of the record.
    pub(crate) fn seal(
        &mut self,
        content_type: ContentType,
        length: usize,
        record: &mut [u8],
    ) -> Result<usize, Error> {
        const PLACE: Error = Error::Internal("protection: seal without room");
        let inner = length.checked_add(1).ok_or(PLACE)?;
        let fragment = inner.checked_add(TAG_LENGTH).ok_or(PLACE)?;
        let (header, rest) = record.split_first_chunk_mut::<HEADER_LENGTH>().ok_or(PLACE)?;
        let (in_out, rest) = rest.split_at_mut_checked(inner).ok_or(PLACE)?;
        let tag = rest.first_chunk_mut::<TAG_LENGTH>().ok_or(PLACE)?;
        *in_out.last_mut().ok_or(PLACE)? = content_type as u8;
        *header = super::writer::header(ContentType::ApplicationData, fragment).ok_or(PLACE)?;
        let nonce = self.nonce();
        *tag = self.key.seal(&nonce, header, in_out)?;
        self.step()?;
        fragment.checked_add(HEADER_LENGTH).ok_or(PLACE)
    }

    /// Opens a protected fragment where it lies. Returns the content's type and length: the content
    /// is at the fragment's front.
    pub(crate) fn open(
        &mut self,
        header: &[u8; HEADER_LENGTH],
        fragment: &mut [u8],
    ) -> Result<(ContentType, usize), Error> {
        let (in_out, tag) = fragment.split_last_chunk_mut::<TAG_LENGTH>().ok_or(Misbehaved::BadRecordMac)?;
        let nonce = self.nonce();
        self.key.open(&nonce, header, in_out, tag).map_err(|e| match e {
            CryptoError::BadTag => Error::Misbehaved(Misbehaved::BadRecordMac),
            e => Error::Crypto(e),
        })?;
        self.step()?;
        // TLSInnerPlaintext is content, type and zeros, at most 2^14 + 1 bytes in all (§5.2, §5.4).
        if in_out.len() > MAX_PLAINTEXT.saturating_add(1) {
            return Err(Misbehaved::RecordOverflow {
                length: in_out.len(),
                limit: MAX_PLAINTEXT.saturating_add(1),
            }
            .into());
        }
        let at = in_out.iter().rposition(|&byte| byte != 0).ok_or(Misbehaved::NoContentType)?;
        let byte = in_out.get(at).copied().unwrap_or_default();
        let content_type =
            ContentType::from_byte(byte).ok_or(Misbehaved::UnknownContentType { found: byte })?;
        Ok((content_type, at))
    }

    #[cfg(test)]
    pub(crate) const fn wear_out(&mut self) {
        self.sequence = self.algorithm.record_limit();
    }
}
