//! Changes of the links above the leaf: issuer, root, algorithms, length, order.

use super::{Change, Side};
use crate::program::doctor::chain_view::Place;
use crate::program::doctor::facts::Facts;
use crate::program::doctor::live::certificate_message_bytes;
use std::collections::BTreeSet;

/// What TLS libraries of small devices are often built to receive at once.
const SMALL_BUFFER: usize = 4096;
/// The largest record (RFC 8446 §5.1), and the default buffer of many libraries.
const RECORD: usize = 16_384;

pub(super) fn changes(before: &Side<'_>, after: &Side<'_>) -> Vec<Change> {
    let aspects = [issuer, root, missing, algorithms, length, bytes, order];
    aspects.iter().filter_map(|aspect| aspect(before, after)).collect()
}

fn issuer(before: &Side<'_>, after: &Side<'_>) -> Option<Change> {
    let key = |side: &Side<'_>| side.view.path.get(1).map(|issuer| issuer.spki.clone());
    // Where the issuer itself is not there, its key's identifier may be.
    let key_id = |side: &Side<'_>| side.leaf().authority_key_id.present().and_then(|id| id.key_id.clone());
    let (old, new) = (&before.leaf().issuer, &after.leaf().issuer);
    let renamed = !old.matches(new);
    let rekeyed = match (key(before), key(after)) {
        (Some(old), Some(new)) => old != new,
        _ => matches!((key_id(before), key_id(after)), (Some(old), Some(new)) if old != new),
    };
    if !renamed && !rekeyed {
        return None;
    }
    let (shown_old, shown_new) = (old.for_people(), new.for_people());
    let change = if renamed {
        Change::new("issuer", shown_old.clone(), shown_new.clone())
    } else {
        Change::new("issuer", format!("{shown_old}, its old key"), format!("{shown_new}, another key"))
    };
    // A link that was put in between takes nothing away from those who pin what is above it.
    let is_still_there = before.view.path.get(1).is_some_and(|old| {
        after.view.path.iter().skip(1).any(|new| new.subject.matches(&old.subject) && new.spki == old.spki)
    });
    if is_still_there {
        return Some(change);
    }
    Some(
        change
            .hurting(
                "clients that pin the intermediate (its certificate or its key)",
                format!("what they pin ({shown_old}) is not in the new chain"),
            )
            .hurting(
                "clients whose store holds the old intermediate alone",
                format!("nothing leads from {shown_new} to it"),
            )
            .hurting(
                "servers that append an intermediate from an old file",
                format!("{shown_old} did not sign the new certificate"),
            ),
    )
}

fn root(before: &Side<'_>, after: &Side<'_>) -> Option<Change> {
    let (old, new) = (before.view.root()?, after.view.root()?);
    // Where an issuer is missing, nobody knows what lies above it.
    let is_known =
        |side: &Side<'_>| side.view.anchored || side.view.path.last().is_some_and(|top| top.is_self_signed());
    let key = |side: &Side<'_>| side.view.path.last().map(|top| top.spki.clone());
    let same_name = old.matches(new);
    if (same_name && (!is_known(before) || !is_known(after) || key(before) == key(after)))
        || (!is_known(after) && lacks_a_link(before, after))
    {
        return None;
    }
    let (shown_old, mut shown_new) = (old.for_people(), new.for_people());
    if same_name {
        shown_new += ", another key";
    }
    let mut change = Change::new("root", shown_old.clone(), shown_new.clone());
    if !after.view.anchored {
        change = change.hurting("every consumer with this store", format!("{shown_new} is not in it"));
    }
    Some(
        change
            .hurting(
                "consumers with an older or private store: old devices, containers, Java keystores",
                format!("their store may lack {shown_new}: it must be added, or a cross-sign from {shown_old} served"),
            )
            .hurting(
                "firmware with compiled-in anchors",
                format!("it knows {shown_old} only, and needs an update (`ferrule anchor` prints the constants)"),
            ),
    )
}

/// Whether more is missing at the top than a root, going by how long the path was.
fn lacks_a_link(before: &Side<'_>, after: &Side<'_>) -> bool {
    after.view.path.len() + 1 < before.view.path.len()
}

/// An issuer that the previous chain had.
fn missing(before: &Side<'_>, after: &Side<'_>) -> Option<Change> {
    let gap = |side: &Side<'_>| {
        side.view.rows.iter().find_map(|row| match row.place {
            Place::Missing { below } => Some(below.issuer.for_people()),
            _ => None,
        })
    };
    let lacking = gap(after)?;
    if gap(before).is_some() || !lacks_a_link(before, after) {
        return None;
    }
    // What signed the old certificate often signed the new one too, and then lies ready.
    let top = after.view.path.last()?;
    let ready =
        before.case.served.iter().position(|old| top.issuer.matches(&old.subject) && top.signed_by(old));
    let help = ready.map_or_else(String::new, |index| {
        format!("; certificate {index} of the previous chain is it: append that")
    });
    Some(
        Change::new("missing intermediate", "the chain was whole", format!("{lacking} is not served{help}"))
            .hurting(
                "openssl, curl, python, node, go, java, gnutls, rustls, mbedtls, bearssl, wolfssl, firmware",
                format!(
                    "they take issuers from the chain and from their store alone: {lacking} is in neither"
                ),
            )
            .hurting(
                "whoever tests with a browser",
                "it may show nothing: browsers keep intermediates from before, and some fetch them",
            ),
    )
}

/// What a verifier must be able to do for the links of a chain.
fn needs(side: &Side<'_>) -> BTreeSet<String> {
    let links = side.view.path.iter().skip(1);
    let keys = links.map(|facts| facts.key.to_string());
    let signed: Vec<&&Facts> = match side.view.path.as_slice() {
        // The anchor's own signature is nobody's business.
        [links @ .., _] if side.view.anchored => links.iter().collect(),
        links => links.iter().collect(),
    };
    keys.chain(signed.into_iter().skip(1).map(|facts| facts.algorithm.to_string())).collect()
}

fn algorithms(before: &Side<'_>, after: &Side<'_>) -> Option<Change> {
    let (old, new) = (needs(before), needs(after));
    let added: Vec<String> = new.difference(&old).cloned().collect();
    if added.is_empty() || old.is_empty() {
        return None;
    }
    let list = |needs: &BTreeSet<String>| needs.iter().cloned().collect::<Vec<_>>().join(", ");
    Some(Change::new("algorithms of the issuers", list(&old), list(&new)).hurting(
        "firmware built with the old algorithms alone",
        format!("it must now verify {}", added.join(", ")),
    ))
}

fn length(before: &Side<'_>, after: &Side<'_>) -> Option<Change> {
    let (old, new) = (before.case.served.len(), after.case.served.len());
    if old == new {
        return None;
    }
    let change = Change::new("certificates served", old.to_string(), new.to_string());
    let links = after.view.path.len();
    Some(match new > old {
        true if links > 8 => change.hurting(
            "rustls, mbedtls and java",
            format!("a path of {links} certificates comes near or over the depth that they allow"),
        ),
        true => change.hurting(
            "firmware with room for a fixed number of certificates",
            format!("{} more must be received and verified", new - old),
        ),
        false => change,
    })
}

fn bytes(before: &Side<'_>, after: &Side<'_>) -> Option<Change> {
    let size = |side: &Side<'_>| {
        let chain: Vec<Vec<u8>> = side.case.served.iter().map(|facts| facts.der.clone()).collect();
        certificate_message_bytes(&chain)
    };
    let (old, new) = (size(before), size(after));
    // A serial number or a signature that is some bytes longer is no news.
    if old.abs_diff(new) <= 32 {
        return None;
    }
    let change =
        Change::new("size of the Certificate message", format!("{old} bytes"), format!("{new} bytes"));
    let crossed = |limit: usize| old <= limit && new > limit;
    Some(if crossed(RECORD) {
        change.hurting("mbedtls and firmware", "it does not fit one record of 16,384 bytes any more")
    } else if crossed(SMALL_BUFFER) {
        change.hurting(
            "firmware with receive buffers of 4 kB (mbedtls on small devices)",
            "the message does not fit their buffer any more",
        )
    } else if new > old {
        change.hurting(
            "firmware with small receive buffers",
            format!("{} bytes more must fit their buffer", new - old),
        )
    } else {
        change
    })
}

fn order(before: &Side<'_>, after: &Side<'_>) -> Option<Change> {
    let shown = |in_order: bool| if in_order { "each issuer behind what it signed" } else { "misordered" };
    let (old, new) = (before.view.in_order, after.view.in_order);
    if old == new {
        return None;
    }
    let change = Change::new("order", shown(old), shown(new));
    Some(if new {
        change
    } else {
        change.hurting(
            "ferrule-firmware, bearssl and other readers that take certificates as they come",
            "\"Each following certificate SHOULD directly certify the one immediately preceding it\" (RFC 8446 \
             section 4.4.2; a MUST in RFC 5246 section 7.4.2)",
        )
    })
}
