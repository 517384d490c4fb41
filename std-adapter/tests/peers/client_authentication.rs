//! Client certificates: the world's clients before our server, ours before the world's.

use crate::fixtures::{Files, Flaw, Keys};
use crate::http;
use crate::peer::{curl_fetch, get, openssl_client, openssl_server, serve};

/// A server's files, and those of a client whose authority is another one.
fn both(client_keys: Keys) -> Option<(Files, Files)> {
    let (server, client) = (Files::new(), Files::with(client_keys, Flaw::ClientLeaf)?);
    server.write("page", "for those who are known");
    server.write("clients.pem", std::fs::read(client.path("root.pem")).unwrap());
    Some((server, client))
}

fn credential(client: &Files) -> [String; 4] {
    let path = |name| client.path(name).to_str().unwrap().to_owned();
    ["--cert".to_owned(), path("chain.pem"), "--key".to_owned(), path("key.pem")]
}

#[test]
fn our_server_knows_curl_by_its_certificate() {
    for keys in [Keys::P256, Keys::Rsa2048, Keys::Ed25519] {
        let Some((files, client)) = both(keys) else { return };
        let server =
            serve(&files, &["--www", ".", "--client-ca", "clients.pem", "--client-auth", "required"]);
        let credential = credential(&client);
        let credential: Vec<_> = credential.iter().map(String::as_str).collect();
        let Some(page) = curl_fetch(&files, server.port, "/page", &credential) else { return };
        assert_eq!(page.success(), b"for those who are known", "{keys:?}");
        let Some(nobody) = curl_fetch(&files, server.port, "/page", &[]) else { return };
        assert!(!nobody.status.success(), "{keys:?}");
        assert!(nobody.stderr.contains("certificate required"), "{}", nobody.stderr);
    }
}

#[test]
fn our_server_serves_strangers_where_a_certificate_is_optional() {
    let Some((files, _)) = both(Keys::P256) else { return };
    let server = serve(&files, &["--www", ".", "--client-ca", "clients.pem", "--client-auth", "optional"]);
    let Some(page) = curl_fetch(&files, server.port, "/page", &[]) else { return };
    assert_eq!(page.success(), b"for those who are known");
}

#[test]
fn our_server_refuses_a_servers_certificate_from_a_client() {
    let Some((files, _)) = both(Keys::P256) else { return };
    // Its own authority is trusted, but the leaf has serverAuth alone.
    let server = serve(&files, &["--www", ".", "--client-ca", "root.pem", "--client-auth", "required"]);
    let key = files.path("key.pem");
    let chain = files.path("chain.pem");
    let credential = ["-cert", chain.to_str().unwrap(), "-key", key.to_str().unwrap()];
    let Some(mut client) = openssl_client(&files, server.port, &[&["-quiet"], &credential[..]].concat())
    else {
        return;
    };
    client.say(http::request("/page").as_bytes());
    let ended = client.wait();
    assert!(ended.stderr.contains("unsupported certificate"), "{}", ended.stderr);
}

#[test]
fn our_client_is_known_by_openssl() {
    for keys in [Keys::P256, Keys::Rsa2048, Keys::Ed25519] {
        let Some((files, client)) = both(keys) else { return };
        let verify = ["-www", "-Verify", "2", "-verify_return_error", "-CAfile", "clients.pem"];
        let Some(server) = openssl_server(&files, &verify) else { return };
        let credential = credential(&client);
        let credential: Vec<_> = credential.iter().map(String::as_str).collect();
        let page = get(&files, server.port, "/", &credential).success();
        assert!(String::from_utf8_lossy(&page).contains("Client certificate"), "{keys:?}");
        let nobody = get(&files, server.port, "/", &[]);
        assert_eq!(nobody.status.code(), Some(1), "{}", nobody.stderr);
        assert!(nobody.stderr.contains("certificate_required"), "{}", nobody.stderr);
    }
}
