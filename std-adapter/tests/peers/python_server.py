# An HTTPS server that serves the folder argv[3]; argv[1] and [2] are its chain and key. With "echo" for
# a folder it reads until the client's end, and only then sends everything back.
import http.server, socket, ssl, sys

chain, key, what = sys.argv[1:4]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(chain, key)

if what == "echo":
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print("listening on", listener.getsockname()[1], flush=True)
        stream = context.wrap_socket(listener.accept()[0], server_side=True)
        got = b""
        while piece := stream.recv(65536):
            got += piece
        stream.sendall(got)
        stream.unwrap().close()
else:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=what)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print("listening on", server.server_port, flush=True)
    server.serve_forever()
