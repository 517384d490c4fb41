//! The chain as served, and as the store completes it: what is missing, surplus, misordered or cross-signed,
//! shown where it stands.

use super::case::Case;
use super::distinguished_name::Name;
use super::facts::Facts;

/// Whoever serves the chain chooses what is in it: a mesh of cross-signs must not cost more signatures than this.
const SIGNATURES: usize = 400;

/// A chain with its place in the world.
#[derive(Debug)]
pub(crate) struct ChainView<'c> {
    /// As served; then what is missing, then the anchor.
    pub(crate) rows: Vec<Row<'c>>,
    /// From the leaf up, as far as it goes, with the anchor if one is reached.
    pub(crate) path: Vec<&'c Facts>,
    /// Whether a certificate of the store ends the path.
    pub(crate) anchored: bool,
    /// Whether issuers stand behind what they signed, as TLS 1.2 demands and streaming readers need
    /// (RFC 5246 §7.4.2, RFC 8446 §4.4.2).
    pub(crate) in_order: bool,
}

/// One line of it.
#[derive(Debug)]
pub(crate) struct Row<'c> {
    pub(crate) place: Place<'c>,
    /// As served; `None` for what is not.
    pub(crate) index: Option<usize>,
    pub(crate) remarks: Vec<String>,
}

/// Where a certificate stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'c> {
    Leaf(&'c Facts),
    /// Served, and a link of the path.
    Issuer(&'c Facts),
    /// Served, self-signed.
    Root(&'c Facts),
    /// Served, and no link of the path.
    Surplus(&'c Facts),
    /// Needed, and neither served nor in the store: this one's issuer.
    Missing {
        below: &'c Facts,
    },
    /// Of the store.
    Anchor(&'c Facts),
}

impl<'c> Place<'c> {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Leaf(_) => "leaf",
            Self::Issuer(_) => "issuer",
            Self::Root(_) => "root",
            Self::Surplus(_) => "surplus",
            Self::Missing { .. } => "missing",
            Self::Anchor(_) => "anchor",
        }
    }

    /// The certificate, where there is one.
    pub(crate) const fn facts(self) -> Option<&'c Facts> {
        match self {
            Self::Leaf(facts) | Self::Issuer(facts) | Self::Root(facts) => Some(facts),
            Self::Surplus(facts) | Self::Anchor(facts) => Some(facts),
            Self::Missing { .. } => None,
        }
    }

    pub(crate) const fn subject(self) -> &'c Name {
        match self {
            Self::Missing { below } => &below.issuer,
            Self::Leaf(facts) | Self::Issuer(facts) | Self::Root(facts) => &facts.subject,
            Self::Surplus(facts) | Self::Anchor(facts) => &facts.subject,
        }
    }
}

impl<'c> ChainView<'c> {
    /// The view of a case that has at least a leaf.
    pub(crate) fn of(case: &'c Case) -> Self {
        let Some(leaf) = case.served.first() else {
            return Self { rows: Vec::new(), path: Vec::new(), anchored: false, in_order: true };
        };
        let mut walk = Walk { case, signatures: SIGNATURES };
        let found = walk.up(leaf, &[Link::Served(0)]);
        let served_path: Vec<usize> = found.links.iter().filter_map(Link::served).collect();
        let in_order = served_path.windows(2).all(|pair| pair[0] < pair[1]);
        let path: Vec<&Facts> = found.links.iter().map(|link| link.facts(case)).collect();

        let mut rows: Vec<Row<'c>> = case
            .served
            .iter()
            .enumerate()
            .map(|(index, facts)| Row {
                place: match served_path.contains(&index) {
                    _ if index == 0 => Place::Leaf(facts),
                    _ if facts.is_self_signed() => Place::Root(facts),
                    true => Place::Issuer(facts),
                    false => Place::Surplus(facts),
                },
                index: Some(index),
                remarks: remarks(case, index, &served_path),
            })
            .collect();
        if let Some(Link::Store(place)) = found.links.last() {
            rows.push(Row { place: Place::Anchor(&case.store[*place]), index: None, remarks: Vec::new() });
        } else if let Some(last) = path.last() {
            let at = served_path.last().map_or(rows.len(), |index| index + 1);
            match (found.anchored, last.is_self_signed()) {
                (true, true) => {
                    rows[at - 1].remarks.push("it is in the store, and need not be served".to_owned())
                }
                (true, false) => rows[at - 1].remarks.push("the store trusts it by itself".to_owned()),
                (false, true) => rows[at - 1].remarks.push("it is not in the store".to_owned()),
                (false, false) => rows.insert(
                    at,
                    Row { place: Place::Missing { below: last }, index: None, remarks: missing(case, last) },
                ),
            }
        }
        Self { rows, path, anchored: found.anchored, in_order }
    }

    /// The name at the top: of the anchor, or of whoever should be there.
    pub(crate) fn root(&self) -> Option<&'c Name> {
        self.path.last().map(|top| if self.anchored { &top.subject } else { &top.issuer })
    }
}

/// What there is to say about a served certificate's place.
fn remarks(case: &Case, index: usize, path: &[usize]) -> Vec<String> {
    let (facts, mut remarks) = (&case.served[index], Vec::new());
    let others = || case.served.iter().enumerate().filter(move |(other, _)| *other != index);
    let twin = |(_, other): &(usize, &Facts)| {
        other.subject.matches(&facts.subject) && other.spki == facts.spki && !other.is_same(facts)
    };
    let place = path.iter().position(|link| *link == index);
    if index == 0
        && let Some((own, _)) = others()
            .find(|(_, other)| !other.is_authority() && facts.is_authority() && other.signed_by(facts))
    {
        remarks.push(format!("misordered: it signed certificate {own}, which must come first"));
    }
    if let Some((first, _)) = others().find(|(other, same)| *other < index && same.is_same(facts)) {
        remarks.push(format!("the same as certificate {first}"));
    } else if let Some((other, twin)) = others().find(twin) {
        remarks.push(format!(
            "cross-signed: certificate {other} has its name and key too, from {}",
            twin.issuer.for_people()
        ));
    }
    if !facts.is_self_signed()
        && let Some(root) =
            case.store.iter().find(|root| root.subject.matches(&facts.subject) && root.spki == facts.spki)
        && root.is_self_signed()
    {
        remarks.push("cross-signed: the store has its name and key as a root".to_owned());
    }
    match place {
        None if index > 0 && remarks.is_empty() => {
            let issues = others().any(|(_, below)| below.issuer.matches(&facts.subject));
            remarks.push(if issues {
                "its name is asked for, but its key made no signature here".to_owned()
            } else {
                "nothing here was issued by it".to_owned()
            });
        }
        Some(place @ 1..) if path[place - 1] > index => {
            remarks.push(format!(
                "misordered: it stands before certificate {}, which it signed",
                path[place - 1]
            ));
        }
        _ => (),
    }
    remarks
}

/// What there is to say about an issuer that is not there.
fn missing(case: &Case, below: &Facts) -> Vec<String> {
    let mut remarks: Vec<String> =
        below.issuer_urls.iter().map(|url| format!("its authority offers it at {url}")).collect();
    if case.served.iter().chain(&case.store).any(|other| other.subject.matches(&below.issuer)) {
        remarks.push("a certificate of this name is there, but with another key".to_owned());
    }
    remarks
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Served(usize),
    Store(usize),
}

impl Link {
    const fn served(&self) -> Option<usize> {
        match self {
            Self::Served(index) => Some(*index),
            Self::Store(_) => None,
        }
    }

    fn facts<'c>(&self, case: &'c Case) -> &'c Facts {
        match self {
            Self::Served(index) => &case.served[*index],
            Self::Store(index) => &case.store[*index],
        }
    }
}

struct Found {
    links: Vec<Link>,
    anchored: bool,
}

struct Walk<'c> {
    case: &'c Case,
    signatures: usize,
}

impl Walk<'_> {
    /// The first way up to the store; if there is none, the longest.
    fn up(&mut self, from: &Facts, so_far: &[Link]) -> Found {
        let mut best = Found { links: so_far.to_vec(), anchored: self.is_anchor(from) };
        if best.anchored || from.is_self_signed() {
            return best;
        }
        let case = self.case;
        for (place, root) in case.store.iter().enumerate() {
            if self.issued(root, from) {
                let served = case.served.iter().position(|served| served.is_same(root));
                let link = served.map_or(Link::Store(place), Link::Served);
                return Found { links: [so_far, &[link]].concat(), anchored: true };
            }
        }
        for (index, issuer) in case.served.iter().enumerate() {
            let link = Link::Served(index);
            if !so_far.contains(&link) && self.issued(issuer, from) {
                let found = self.up(issuer, &[so_far, &[link]].concat());
                if found.anchored {
                    return found;
                }
                if found.links.len() > best.links.len() {
                    best = found;
                }
            }
        }
        best
    }

    fn is_anchor(&self, facts: &Facts) -> bool {
        let same = |root: &Facts| root.subject.matches(&facts.subject) && root.spki == facts.spki;
        self.case.store.iter().any(|root| same(root) && (root.is_same(facts) || facts.is_self_signed()))
    }

    fn issued(&mut self, issuer: &Facts, below: &Facts) -> bool {
        if self.signatures == 0 || !issuer.subject.matches(&below.issuer) {
            return false;
        }
        self.signatures -= 1;
        below.signed_by(issuer)
    }
}
