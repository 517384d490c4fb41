//! What is owed to the peer: messages built once in scratch, the Certificate between them streamed from
//! the configuration, all written in pieces of any size.

use super::certificate::CertificateWriter;
use core::ops::Range;

/// A ChangeCipherSpec record for middleboxes (RFC 8446 §D.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ChangeCipherSpec {
    #[default]
    None,
    /// Ahead of what is written next, but no reason to write: the client's waits for its second flight. An
    /// alert in that flight's place is a protected record as well, and no middlebox can tell the two apart.
    Ahead,
    /// Owed, whatever follows.
    Due,
}

/// One flight. Its parts leave in the order of its fields.
#[derive(Debug, Default)]
pub(crate) struct Flight {
    change_cipher_spec: ChangeCipherSpec,
    /// Messages in scratch.
    before: Range<usize>,
    /// How much of the Certificate has left, if one is due.
    certificate: Option<usize>,
    /// Messages in scratch, behind the Certificate.
    after: Range<usize>,
}

impl Flight {
    /// A flight of messages that lie in scratch.
    pub(crate) fn of(messages: Range<usize>) -> Self {
        Self { before: messages, ..Self::default() }
    }

    pub(crate) fn with_change_cipher_spec(self, due: bool) -> Self {
        Self { change_cipher_spec: if due { ChangeCipherSpec::Due } else { ChangeCipherSpec::None }, ..self }
    }

    /// Nothing is owed, but a ChangeCipherSpec goes ahead of what will be.
    pub(crate) fn behind_change_cipher_spec() -> Self {
        Self { change_cipher_spec: ChangeCipherSpec::Ahead, ..Self::default() }
    }

    /// Whether a ChangeCipherSpec has not left yet.
    pub(crate) fn holds_change_cipher_spec(&self) -> bool {
        self.change_cipher_spec != ChangeCipherSpec::None
    }

    /// The next record is a ChangeCipherSpec.
    pub(crate) fn take_change_cipher_spec(&mut self) -> bool {
        core::mem::take(&mut self.change_cipher_spec) != ChangeCipherSpec::None
    }

    pub(crate) fn with_certificate(self) -> Self {
        Self { certificate: Some(0), ..self }
    }

    /// Adds messages behind the Certificate.
    pub(crate) fn append(&mut self, messages: Range<usize>) {
        self.after = messages;
    }

    pub(crate) fn is_written(&self) -> bool {
        self.change_cipher_spec != ChangeCipherSpec::Due && !self.owes_messages()
    }

    /// Whether messages are owed. A ChangeCipherSpec is none: the peer does not wait for it.
    pub(crate) fn owes_messages(&self) -> bool {
        !self.before.is_empty() || self.certificate.is_some() || !self.after.is_empty()
    }

    /// Moves as much as fits into `content`; returns how much that was.
    pub(crate) fn fill(
        &mut self,
        scratch: &[u8],
        certificate: Option<CertificateWriter<'_>>,
        content: &mut [u8],
    ) -> usize {
        let mut filled = copy(&mut self.before, scratch, content);
        if self.before.is_empty() {
            if let Some(position) = self.certificate
                && let Some(room) = content.get_mut(filled..)
            {
                let writer = certificate.filter(|writer| position < writer.length());
                let copied = writer.map_or(0, |writer| writer.copy(position, room));
                let position = position.saturating_add(copied);
                filled = filled.saturating_add(copied);
                let over = certificate.is_none_or(|writer| position >= writer.length());
                self.certificate = (!over).then_some(position);
            }
            if self.certificate.is_none()
                && let Some(room) = content.get_mut(filled..)
            {
                filled = filled.saturating_add(copy(&mut self.after, scratch, room));
            }
        }
        filled
    }
}

fn copy(messages: &mut Range<usize>, scratch: &[u8], room: &mut [u8]) -> usize {
    let length = messages.len().min(room.len());
    let end = messages.start.saturating_add(length);
    if let (Some(from), Some(to)) = (scratch.get(messages.start..end), room.get_mut(..length)) {
        to.copy_from_slice(from);
    }
    messages.start = end;
    length
}
