//! Calls in an order, and with sizes, that the input chooses.

use crate::input::{Input, size};
use crate::lawful::ROOM;
use crate::provider::{FuzzProvider, SIGNATURE, Strength};
use crate::subject::Subject;
use ferrule::{AlertDescription, Handshake};

/// Runs one connection against the rest of the input: first the calls, as a list that begins anew when it is
/// over, then the bytes of the wire. In this order so that a byte that comes or goes on the wire leaves the
/// calls as they are.
pub fn run<H: Handshake<Provider = FuzzProvider>>(subject: &mut Subject<H>, mut input: Input<'_>) {
    let calls = input.short_list();
    let mut wire = input;
    // All pieces large enough are delivered within one round for each kilobyte; the rest in one go.
    let rounds = if calls.is_empty() { 0 } else { 400 };
    for &call in calls.iter().cycle().take(rounds) {
        one_call(subject, call, &mut wire);
        if wire.is_empty() && !subject.want().owes_output && subject.want().read.is_none_or(|n| n == 5) {
            break;
        }
    }
    subject.deliver(wire.rest());
    subject.drive(ROOM);
    finish(subject);
}

fn one_call<H: Handshake<Provider = FuzzProvider>>(subject: &mut Subject<H>, call: u8, wire: &mut Input<'_>) {
    let size = size(call >> 4);
    match call & 15 {
        0 | 1 => {
            subject.deliver(wire.bytes(size.max(1)));
            subject.step(ROOM);
        }
        2 => drop(subject.read(size)),
        3 => drop(subject.read(usize::MAX)),
        4 => drop(subject.write(size)),
        5 => drop(subject.work()),
        6 => drop(subject.answer(&SIGNATURE)),
        7 => drop(subject.answer(&vec![0; size])),
        8 => drop(subject.establish()),
        9 => drop(subject.write_data(&vec![b'd'; size], ROOM)),
        10 => drop(subject.write_data(b"some data", size)),
        11 => subject.update_keys(),
        // What ends a connection needs a second condition, or no script would be long.
        12 => match call >> 4 {
            1 => subject.close(),
            2 => subject.abort(AlertDescription::USER_CANCELED),
            3 => subject.end_of_input(),
            4 => subject.abort(AlertDescription(0xee)),
            5 => subject.split(Strength::Open),
            6 => drop(subject.agreed()),
            _ => drop(subject.step(size)),
        },
        _ => subject.drive(size),
    }
}

/// Whatever came: after the transport's end the connection has ended, or waits for nobody but us.
pub fn finish<H: Handshake<Provider = FuzzProvider>>(subject: &mut Subject<H>) {
    // An operation needs at least a message of its own: an attacker cannot buy work for nothing.
    assert!(subject.works <= 64, "{} public-key operations", subject.works);
    subject.end_of_input();
    subject.drive(ROOM);
    let want = subject.want();
    assert!(want.read.is_none() && !want.owes_output, "{want:?} after the end");
    if let Some(error) = subject.error.clone() {
        assert!(want.closed || subject.is_split());
        subject.deliver(&[22, 3, 3, 0, 1, 0]);
        subject.read(usize::MAX);
        assert_eq!(subject.error.as_ref(), Some(&error));
    }
}
