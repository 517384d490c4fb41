//! How connections end (RFC 8446 §6.1).

use crate::common::parties::*;
use ferrule::error::{Misbehaved, Misuse};
use ferrule::record::ContentType;
use ferrule::{AlertDescription, Error, Event, ForWriter};

/// Delivers all that is under way, both ways.
fn settle(client: &mut ClientEnd<'_>, server: &mut ServerEnd<'_>) {
    let link = Link::default();
    loop {
        let mut progress = client.drive(None, link) | server.drive(None, link);
        progress |= server.deliver(&mut client.wire, link) | client.deliver(&mut server.wire, link);
        if !progress {
            return;
        }
    }
}

fn story(tell: impl FnOnce(ClientEnd<'_>, ServerEnd<'_>)) {
    with_established(&Identity::new(KeyKind::P256), Link::default(), tell);
}

#[test]
fn both_sides_close_in_order() {
    story(|mut client, mut server| {
        client.established.as_mut().unwrap().close();
        settle(&mut client, &mut server);
        assert!(server.peer_closed && !client.peer_closed);
        assert!(!client.established.as_ref().unwrap().want().closed, "the other direction is open");
        server.established.as_mut().unwrap().close();
        settle(&mut client, &mut server);
        assert!(client.peer_closed);
        for established in
            [client.established.as_mut().unwrap().want(), server.established.as_mut().unwrap().want()]
        {
            assert!(established.closed && established.read.is_none() && !established.owes_output);
        }
        assert_eq!(client.established.as_mut().unwrap().end_of_input(), Ok(()));
        assert_eq!(server.established.as_mut().unwrap().end_of_input(), Ok(()));
    });
}

#[test]
fn one_side_closes_and_the_other_goes_on_sending() {
    story(|mut client, mut server| {
        client.established.as_mut().unwrap().close();
        settle(&mut client, &mut server);
        let data = [b'x'; 100_000];
        assert_eq!(server.send(&data, Link::default()), data.len());
        // Keys may still be updated in the direction that is open.
        server.established.as_mut().unwrap().update_keys();
        settle(&mut client, &mut server);
        server.send(b"the end", Link::default());
        settle(&mut client, &mut server);
        assert_eq!(client.received.len(), data.len() + 7);
        let refused = client.established.as_mut().unwrap().write_data(b"x", &mut [0; 64]);
        assert_eq!(refused, Err(Error::Misuse(Misuse::Closed)));
        assert_eq!((client.error, server.error), (None, None));
    });
}

#[test]
fn what_comes_after_close_notify_is_ignored() {
    story(|mut client, mut server| {
        client.established.as_mut().unwrap().close();
        settle(&mut client, &mut server);
        server.incoming.free_mut()[..9].copy_from_slice(b"whatever!");
        server.incoming.commit(9);
        let received =
            server.established.as_mut().unwrap().read_record(server.incoming.filled_mut()).unwrap();
        assert!(received.consumed == 9 && matches!(received.event, Event::None), "{received:?}");
    });
}

#[test]
fn an_end_without_close_notify_is_told_apart_from_one_with() {
    story(|mut client, mut server| {
        client.send(b"all there is?", Link::default());
        settle(&mut client, &mut server);
        let established = server.established.as_mut().unwrap();
        assert_eq!(established.end_of_input(), Err(Error::Truncated));
        assert_eq!(established.end_of_input(), Err(Error::Truncated));
        // There is nobody left to write to.
        assert!(established.want().closed && !established.want().owes_output);
        assert_eq!(established.write_data(b"x", &mut [0; 64]), Err(Error::Misuse(Misuse::Closed)));
        assert_eq!(established.read_record(&mut [0; 5]).unwrap_err(), Error::Truncated);
    });
}

#[test]
fn an_end_within_the_handshake_is_a_truncation_too() {
    let providers = (provider(1), provider(2));
    let identity = Identity::new(KeyKind::P256);
    let (client, _) = pair(&identity, verifier(&identity), Setup::default(), providers);
    let mut connection = client.connection.unwrap();
    assert_eq!(connection.end_of_input(), Err(Error::Truncated));
    assert!(connection.want().closed);
    assert_eq!(connection.read_record(&mut [0; 5]).unwrap_err(), Error::Truncated);
}

#[test]
fn an_alert_of_the_application_arrives() {
    story(|mut client, mut server| {
        client.established.as_mut().unwrap().abort(AlertDescription::INTERNAL_ERROR);
        settle(&mut client, &mut server);
        assert_eq!(server.error, Some(Error::AlertReceived(AlertDescription::INTERNAL_ERROR)));
        assert!(server.established.unwrap().want().closed);
    });
}

#[test]
fn a_fatal_error_is_worth_more_than_a_close_that_has_not_left_yet() {
    story(|mut client, mut server| {
        server.established.as_mut().unwrap().close();
        client.send(b"x", Link::default());
        *client.wire.back_mut().unwrap() ^= 1;
        server.deliver(&mut client.wire, Link::default());
        let error =
            server.established.as_mut().unwrap().read_record(server.incoming.filled_mut()).unwrap_err();
        assert_eq!(error, Misbehaved::BadRecordMac.into());
        settle(&mut client, &mut server);
        assert_eq!(client.error, Some(Error::AlertReceived(AlertDescription::BAD_RECORD_MAC)));
    });
}

#[test]
fn two_halves_carry_data_key_updates_and_the_end() {
    story(|mut client, server| {
        let (mut reader, mut writer) = server.established.unwrap().split(provider(3));
        let mut out = [0; 1000];
        // Data, without a word between the halves.
        let sent = writer.write_data(b"pong", &mut out).unwrap();
        client.wire.extend(&out[..sent.written]);
        let mut wire = std::mem::take(&mut client.wire);
        client.deliver(&mut wire, Link::default());
        client.drive(None, Link::default());
        assert_eq!(client.received, b"pong");

        // A KeyUpdate that wants an answer: the reader says so, the writer answers.
        client.established.as_mut().unwrap().update_keys();
        client.drive(None, Link::default());
        client.send(b"under new keys", Link::default());
        let mut window: Vec<u8> = client.wire.drain(..).collect();
        assert_eq!(reader.needs(), Some(5));
        let (received, news) = reader.read_record(&mut window);
        let consumed = received.unwrap().consumed;
        assert_eq!(news, ForWriter::KeyUpdateRequested);
        assert!(!writer.owes_output());
        writer.tell(news);
        assert!(writer.owes_output());
        // What is owed goes first, even where data was to be written.
        let sent = writer.write_data(b"x", &mut out).unwrap();
        assert_eq!(sent.taken, 0);
        let mut wire: std::collections::VecDeque<u8> = out[..sent.written].iter().copied().collect();
        let sent = writer.write_data(b"x", &mut out).unwrap();
        wire.extend(&out[..sent.written]);
        while client.deliver(&mut wire, Link::default()) | client.drive(None, Link::default()) {}
        assert_eq!((&client.received[..], &client.error), (&b"pongx"[..], &None));
        let (received, news) = reader.read_record(&mut window[consumed..]);
        assert!(matches!(received.unwrap().event, Event::ApplicationData(data) if data == b"under new keys"));
        assert_eq!(news, ForWriter::Nothing);

        // The end: one direction, then the other.
        client.established.as_mut().unwrap().close();
        client.drive(None, Link::default());
        let mut window: Vec<u8> = client.wire.drain(..).collect();
        let (received, news) = reader.read_record(&mut window);
        assert!(matches!(received.unwrap().event, Event::PeerClosed));
        assert_eq!((news, reader.needs()), (ForWriter::PeerClosed, None));
        writer.tell(news);
        assert!(!writer.owes_output(), "we may still write");
        assert!(writer.write_data(b"y", &mut out).is_ok());
        writer.close();
        assert!(writer.write_record(&mut out).unwrap() > 0);
        assert_eq!(writer.write_data(b"z", &mut out), Err(Error::Misuse(Misuse::Closed)));
        assert_eq!(reader.end_of_input(), Ok(()));
    });
}

#[test]
fn the_reading_half_tells_the_writing_one_which_alert_is_owed() {
    story(|mut client, server| {
        let (mut reader, mut writer) = server.established.unwrap().split(provider(3));
        let mut record = [22, 3, 3, 0, 1, 0];
        let (outcome, news) = reader.read_record(&mut record);
        let error = Error::from(Misbehaved::UnprotectedRecord { found: ContentType::Handshake });
        assert_eq!(outcome.unwrap_err(), error);
        assert_eq!(news, ForWriter::Alert(AlertDescription::UNEXPECTED_MESSAGE));
        let (again, news_again) = reader.read_record(&mut record);
        assert_eq!((again.unwrap_err(), news_again), (error, news));
        writer.tell(news);
        let mut out = [0; 64];
        let length = writer.write_record(&mut out).unwrap();
        writer.tell(news_again);
        assert!(!writer.owes_output(), "one alert is enough");
        let mut wire = out[..length].iter().copied().collect();
        while client.deliver(&mut wire, Link::default()) | client.drive(None, Link::default()) {}
        assert_eq!(client.error, Some(Error::AlertReceived(AlertDescription::UNEXPECTED_MESSAGE)));
    });
}
