"""Python's ssl module, as ssl.create_default_context() sets it up. Arguments: jobs, identity, and `strict` to set
the flags that are Python 3.13's defaults."""
import socket
import ssl
import sys

jobs, identity, strict = sys.argv[1], sys.argv[2], sys.argv[3:] == ["strict"]


def context_for(role, store):
    purpose = ssl.Purpose.SERVER_AUTH if role == "server" else ssl.Purpose.CLIENT_AUTH
    context = ssl.create_default_context(purpose, cafile=store)
    if strict:
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    if role == "client":
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(identity + ".pem", identity + ".key")
    return context


def attempt(role, host, port, store):
    context = context_for(role, store)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        if role == "client":
            context.wrap_socket(plain, server_side=True).close()
        else:
            context.wrap_socket(plain, server_hostname=host).close()


print("version\t%s (%s)" % (sys.version.split()[0], ssl.OPENSSL_VERSION.rsplit(" ", 3)[0]))
for line in open(jobs):
    case, role, host, port, store, _ = line.rstrip("\n").split("\t")
    try:
        attempt(role, host, int(port), store)
        print(case, 1, "", sep="\t")
    except Exception as error:
        print(case, 0, " ".join(str(error).split()) or repr(error), sep="\t", flush=True)
