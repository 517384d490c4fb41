//! The questions about one certificate whose issuer is known: each costs one public-key operation.

use super::super::tally::{Claim, Tally, digest, fits};
use super::super::{Certificate, CertificateError, DistinguishedName, Rule, UnixTime, Validity, oid, rules};
use super::response::{Response, Status};
use super::{RevocationList, RevocationPolicy, Revoked, Staple, Unknown};
use crate::crypto::{CryptoProvider, PublicKey, SignatureAlgorithm, Signed};
use crate::limits::MAX_UNDATED_STAPLE_AGE;

/// The certificate that is asked about.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Subject<'m> {
    pub(in super::super) serial: &'m [u8],
    pub(in super::super) issuer: DistinguishedName<'m>,
    /// Whether it is the peer's own.
    pub(in super::super) is_leaf: bool,
    /// Whether it is an authority's.
    pub(in super::super) is_authority: bool,
    /// The value of its cRLDistributionPoints, where that is still at hand.
    pub(in super::super) distribution_points: Option<&'m [u8]>,
    /// Whether it asks for a staple.
    pub(in super::super) must_staple: bool,
    /// The response that was stapled to it.
    pub(in super::super) staple: Option<&'m [u8]>,
}

/// Its issuer.
#[derive(Debug)]
pub(in super::super) struct Authority<'m> {
    pub(in super::super) key: PublicKey<'m>,
    pub(in super::super) may_sign_lists: bool,
}

impl<'m> Authority<'m> {
    /// A served certificate.
    pub(in super::super) fn of(certificate: &Certificate<'m>) -> Result<Self, Rule> {
        let usage = certificate.extensions().key_usage()?;
        Ok(Self {
            key: certificate.public_key()?,
            may_sign_lists: usage.is_none_or(|usage| usage.crl_sign()),
        })
    }
}

/// All that an answer depends on.
pub(in super::super) struct Matter<'a> {
    pub(in super::super) policy: &'a RevocationPolicy<'a>,
    pub(in super::super) subject: &'a Subject<'a>,
    pub(in super::super) authority: &'a Authority<'a>,
    pub(in super::super) validity: Validity,
}

/// The next question, and whether one was answered.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Inquiry {
    question: Question,
    is_known: bool,
}

#[derive(Debug, Clone, Copy)]
enum Question {
    /// Did the issuer certify the responder?
    Responder,
    /// What does the staple say, and who signed it?
    Staple,
    /// What does the list at this place say, and did the issuer sign it?
    List(usize),
}

impl Inquiry {
    /// The first question; `None` where there is nothing to ask, and nothing has to be known.
    pub(in super::super) fn begin(
        policy: &RevocationPolicy<'_>,
        subject: &Subject<'_>,
    ) -> Result<Option<Self>, Rule> {
        if policy.staple != Staple::Ignored && subject.is_leaf {
            if subject.staple.is_some() {
                let delegate = delegate_of(&response_of(subject)?, subject)?;
                let question = if delegate.is_some() { Question::Responder } else { Question::Staple };
                return Ok(Some(Self { question, is_known: false }));
            }
            if policy.staple == Staple::Required || subject.must_staple {
                return Err(Rule::MissingStaple);
            }
        }
        Self::next_list(0, false, policy, subject)
    }

    /// The next list, from this place on, of the certificate's issuer.
    fn next_list(
        start: usize,
        is_known: bool,
        policy: &RevocationPolicy<'_>,
        subject: &Subject<'_>,
    ) -> Result<Option<Self>, Rule> {
        let mut lists = policy.lists.iter().enumerate().skip(start);
        let speaks = |list: &RevocationList<'_>| {
            list.issuer().matches(&subject.issuer)
                && list.may_speak_of(subject.is_authority, subject.distribution_points)
        };
        if let Some((place, _)) = lists.find(|(_, list)| speaks(list)) {
            return Ok(Some(Self { question: Question::List(place), is_known }));
        }
        let must_be_known = match policy.unknown {
            Unknown::Accepted => false,
            Unknown::LeafRefused => subject.is_leaf,
            Unknown::Refused => true,
        };
        if must_be_known && !is_known { Err(Rule::RevocationUnknown) } else { Ok(None) }
    }

    /// Answers the question; what comes next, or `None` if the certificate is not revoked, as far as can be known.
    pub(in super::super) fn answer<P: CryptoProvider>(
        self,
        matter: &Matter<'_>,
        provider: &mut P,
        tally: &mut Tally,
        blame: impl Fn(Rule) -> CertificateError,
    ) -> Result<Option<Self>, CertificateError> {
        let Matter { policy, subject, authority, validity } = matter;
        let mut signatures = Signatures { provider, tally, blame: &blame };
        match self.question {
            Question::Responder => {
                let response = response_of(subject).map_err(&blame)?;
                let Some(delegate) = delegate_of(&response, subject).map_err(&blame)? else {
                    return Err(blame(Rule::Internal("revocation: no responder")));
                };
                // An issuer that signs by itself may send its certificate along.
                if delegate.public_key().is_ok_and(|key| key == authority.key) {
                    signatures.check_response(&response, &authority.key)?;
                    return Self::staple(&response, matter).map_err(&blame);
                }
                // "Systems or applications that rely on OCSP responses MUST be capable of detecting and
                // enforcing the use of the id-kp-OCSPSigning value" (RFC 6960 §4.2.2.2).
                let may = delegate.extensions().extended_key_usage(&[oid::OCSP_SIGNING]) == Ok(Some(true));
                let is_current = validity.check(delegate.not_before(), delegate.not_after()).is_ok();
                let is_lawful = rules::responder(&delegate, rules::first).is_ok();
                if !may || !is_current || !is_lawful || !delegate.issuer().matches(&subject.issuer) {
                    return Err(blame(Rule::BadStatusSignature));
                }
                let algorithm = delegate.signature_algorithm().map_err(of_staple);
                signatures.check(&authority.key, algorithm, delegate.to_be_signed(), delegate.signature())?;
                Ok(Some(Self { question: Question::Staple, ..self }))
            }
            Question::Staple => {
                let response = response_of(subject).map_err(&blame)?;
                match delegate_of(&response, subject).map_err(&blame)? {
                    None => signatures.check_response(&response, &authority.key)?,
                    Some(delegate) => {
                        let key = delegate.public_key().map_err(of_staple).map_err(&blame)?;
                        signatures.check_response(&response, &key)?;
                    }
                }
                Self::staple(&response, matter).map_err(&blame)
            }
            Question::List(place) => {
                let Some(list) = policy.lists.get(place) else {
                    return Err(blame(Rule::Internal("revocation: the lists changed")));
                };
                // "If a key usage extension is present in the CRL issuer's certificate, verify that the
                // cRLSign bit is set" (RFC 5280 §6.3.3 (f)).
                if !authority.may_sign_lists {
                    let why = "its issuer may not sign: keyUsage without cRLSign";
                    return Err(blame(Rule::UnusableRevocationList { why }));
                }
                let why = "is signed with an algorithm that is not supported here";
                let algorithm = list.signature_algorithm();
                let algorithm = algorithm.map_err(|_| Rule::UnusableRevocationList { why });
                signatures.check(&authority.key, algorithm, list.signed_part(), list.signature())?;
                self.list(place, list, matter).map_err(&blame)
            }
        }
    }

    /// What the response says, whose signature is good.
    fn staple(response: &Response<'_>, matter: &Matter<'_>) -> Result<Option<Self>, Rule> {
        let why = "does not speak of it";
        let single = response.find(matter.subject.serial).ok_or(Rule::UnusableStaple { why })?;
        // "If nextUpdate is not set, the responder is indicating that newer revocation information is available
        // all the time" (RFC 6960 §4.2.2.1). Whoever staples an old response withholds it.
        let undated = UnixTime(single.this_update.0.saturating_add(MAX_UNDATED_STAPLE_AGE));
        is_current(matter.validity, single.this_update, single.next_update.or(Some(undated)))?;
        match single.status {
            Status::Good => Self::next_list(0, true, matter.policy, matter.subject),
            Status::Revoked(Revoked { since, reason }) => Err(Rule::Revoked { since, reason }),
            Status::Unknown => Err(Rule::UnusableStaple { why: "says that its issuer does not know it" }),
        }
    }

    /// What the list at this place says, whose signature is good.
    fn list(
        self,
        place: usize,
        list: &RevocationList<'_>,
        matter: &Matter<'_>,
    ) -> Result<Option<Self>, Rule> {
        is_current(matter.validity, list.this_update(), list.next_update())?;
        if let Some(Revoked { since, reason }) = list.find(matter.subject.serial) {
            return Err(Rule::Revoked { since, reason });
        }
        let Subject { is_authority, distribution_points, .. } = *matter.subject;
        let is_known = self.is_known || list.is_complete_for(is_authority, distribution_points);
        Self::next_list(place.saturating_add(1), is_known, matter.policy, matter.subject)
    }
}

fn response_of<'m>(subject: &Subject<'m>) -> Result<Response<'m>, Rule> {
    Response::parse(subject.staple.ok_or(Rule::Internal("revocation: no staple"))?).map_err(of_staple)
}

fn delegate_of<'m>(response: &Response<'m>, subject: &Subject<'_>) -> Result<Option<Certificate<'m>>, Rule> {
    response.delegate(&subject.issuer).map_err(of_staple)
}

/// What is wrong with a response, or with the certificate of its responder, is not said of the certificate that is asked
/// about.
fn of_staple(rule: Rule) -> Rule {
    let why = match rule {
        Rule::UnusableStaple { .. } | Rule::Internal(_) => return rule,
        Rule::WeakSignatureAlgorithm { .. } | Rule::UnsupportedSignatureAlgorithm { .. } => {
            "is signed with an algorithm that is not supported here"
        }
        Rule::UnsupportedKey { .. } | Rule::KeySize { .. } => "is signed by a key that is not supported here",
        _ => "is malformed, or brings a certificate that is",
    };
    Rule::UnusableStaple { why }
}

/// "The time at which the status being indicated is known to be correct (thisUpdate) is sufficiently recent",
/// and nextUpdate, "when available", "is greater than the current time" (RFC 6960 §3.2; RFC 5280 §6.3.3 (a)).
fn is_current(validity: Validity, this_update: UnixTime, next_update: Option<UnixTime>) -> Result<(), Rule> {
    let (earliest, latest) = match validity {
        Validity::At(now) => (now, now),
        // The board only knows that it is not earlier.
        Validity::NotBefore(built) => (built, UnixTime(u64::MAX)),
        Validity::NotChecked => return Ok(()),
    };
    if this_update > latest || next_update.is_some_and(|next| next < earliest) {
        return Err(Rule::StatusOutOfDate { this_update, next_update });
    }
    Ok(())
}

/// Checks the signatures of statuses.
struct Signatures<'a, P, B> {
    provider: &'a mut P,
    tally: &'a mut Tally,
    blame: &'a B,
}

impl<P: CryptoProvider, B: Fn(Rule) -> CertificateError> Signatures<'_, P, B> {
    fn check_response(
        &mut self,
        response: &Response<'_>,
        key: &PublicKey<'_>,
    ) -> Result<(), CertificateError> {
        let algorithm = response.signature_algorithm().map_err(of_staple);
        self.check(key, algorithm, response.signed_part(), response.signature())
    }

    fn check(
        &mut self,
        key: &PublicKey<'_>,
        algorithm: Result<SignatureAlgorithm, Rule>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CertificateError> {
        let algorithm = algorithm.map_err(self.blame)?;
        let bad = || (self.blame)(Rule::BadStatusSignature);
        if !fits(algorithm, key) {
            return Err(bad());
        }
        let digest = digest(algorithm, message, self.provider);
        let digest = digest.map_err(|error| (self.blame)(Rule::Crypto(error)))?;
        let signed = digest.as_ref().map_or(Signed::Message(message), Signed::Digest);
        let claim = Claim { algorithm, signed, signature };
        let blame = |rule: Option<Rule>| (self.blame)(rule.unwrap_or(Rule::BadStatusSignature));
        if self.tally.verify(key, &claim, self.provider, blame)? { Ok(()) } else { Err(bad()) }
    }
}
