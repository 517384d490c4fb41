import java.io.FileInputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Java's TLS with the default trust manager, and endpoint identification as HttpsURLConnection has it. */
public class Client {
    public static void main(String[] arguments) throws Exception {
        System.out.println("version\t" + System.getProperty("java.version"));
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] job = line.split("\t");
            try {
                attempt(job[1], job[2], Integer.parseInt(job[3]), job[4], arguments[1]);
                System.out.println(job[0] + "\t1\t");
            } catch (Exception e) {
                System.out.println(job[0] + "\t0\t" + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
            }
        }
    }

    private static void attempt(String role, String host, int port, String roots, String identity) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (FileInputStream in = new FileInputStream(roots)) {
            int number = 0;
            for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("root" + number++, root);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(role.equals("client") ? own(identity) : null, trust.getTrustManagers(), null);
        Socket plain = new Socket("127.0.0.1", port);
        plain.setSoTimeout(20000);
        if (role.equals("client")) {
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, true)) {
                socket.setNeedClientAuth(true);
                socket.startHandshake();
            }
            return;
        }
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
        }
    }

    private static KeyManager[] own(String identity) throws Exception {
        String key = Files.readString(Path.of(identity + ".key")).replaceAll("-----[^-]*-----|\\s", "");
        Certificate[] chain;
        try (FileInputStream in = new FileInputStream(identity + ".pem")) {
            chain = CertificateFactory.getInstance("X.509").generateCertificates(in).toArray(new Certificate[0]);
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        var spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(key));
        store.setKeyEntry("own", KeyFactory.getInstance("EC").generatePrivate(spec), new char[0], chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        return keys.getKeyManagers();
    }
}
