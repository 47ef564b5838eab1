import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A TLS server with every suite that this Java has: PORT VERSIONS server|client PASSWORD KEYSTORE... */
public final class JsseServer {
    private static final int WAITING_MAX = 200;

    public static void main(String[] arguments) throws Exception {
        char[] password = arguments[3].toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        for (int at = 4; at < arguments.length; at++) {
            KeyStore one = KeyStore.getInstance("PKCS12");
            try (FileInputStream file = new FileInputStream(arguments[at])) {
                one.load(file, password);
            }
            String alias = one.aliases().nextElement();
            keys.setKeyEntry("key" + at, one.getKey(alias, password), password, one.getCertificateChain(alias));
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance("SunX509");
        managers.init(keys, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);

        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory()
                .createServerSocket(Integer.parseInt(arguments[0]), WAITING_MAX, InetAddress.getByName("127.0.0.1"));
        listener.setEnabledProtocols(arguments[1].split(","));
        listener.setEnabledCipherSuites(listener.getSupportedCipherSuites());
        SSLParameters parameters = listener.getSSLParameters();
        parameters.setUseCipherSuitesOrder(arguments[2].equals("server"));
        listener.setSSLParameters(parameters);
        while (true) {
            SSLSocket socket = (SSLSocket) listener.accept();
            new Thread(() -> answer(socket)).start();
        }
    }

    private static void answer(SSLSocket socket) {
        try (socket) {
            socket.startHandshake();
            socket.getInputStream().read();
        } catch (IOException refused) {
            // What a client is refused for is the client's business.
        }
    }
}
