import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A TLS server and client on the JDK.
 *
 * <p>serve STORE answers every request with the page "small\n"; fetch ROOT PORT PATH prints the response.
 */
public class Peer {
    private static final String[] TLS_1_3 = {"TLSv1.3"};

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("serve")) {
            serve(arguments[1]);
        } else {
            fetch(arguments[1], Integer.parseInt(arguments[2]), arguments[3]);
        }
    }

    private static void serve(String file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream in = new FileInputStream(file)) {
            store.load(in, "password".toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "password".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        SSLServerSocket server =
            (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 16, loopback);
        server.setEnabledProtocols(TLS_1_3);
        System.out.println("listening on " + server.getLocalPort());
        while (true) {
            try (SSLSocket socket = (SSLSocket) server.accept()) {
                byte[] last = new byte[4];
                for (int read; (read = socket.getInputStream().read()) >= 0; ) {
                    System.arraycopy(last, 1, last, 0, 3);
                    last[3] = (byte) read;
                    if (new String(last).equals("\r\n\r\n")) {
                        break;
                    }
                }
                socket.getOutputStream().write("HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nsmall\n".getBytes());
            } catch (Exception e) {
                System.err.println(e);
            }
        }
    }

    private static void fetch(String root, int port, String path) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (FileInputStream in = new FileInputStream(root)) {
            store.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port)) {
            socket.setEnabledProtocols(TLS_1_3);
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            String request = "GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(request.getBytes());
            ByteArrayOutputStream response = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(response);
            System.out.write(response.toByteArray());
            System.out.flush();
        }
    }
}
