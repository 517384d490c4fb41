# Fetches https://localhost:argv[2]/argv[3], trusting argv[1] alone; the body goes to standard output.
import ssl, sys, urllib.request

root, port, path = sys.argv[1:4]
context = ssl.create_default_context(cafile=root)
context.minimum_version = ssl.TLSVersion.TLSv1_3
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
with opener.open(f"https://localhost:{port}/{path}", timeout=100) as response:
    while piece := response.read(1 << 20):
        sys.stdout.buffer.write(piece)
