package dev.lathe.farm.agent;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * By whom a service must be vouched for that is reached over TLS: by an authority that Java knows,
 * or by the certificates in a file.
 */
public final class ServerTrust {
  private final Optional<SSLContext> context;

  private ServerTrust(Optional<SSLContext> context) {
    this.context = context;
  }

  /** The authorities that Java knows. */
  public static ServerTrust usual() {
    return new ServerTrust(Optional.empty());
  }

  /**
   * The certificates in a file, and nobody else: those of authorities, which vouch for a server
   * under the name by which it is reached, or the server's own, which needs no name.
   *
   * @param file X.509 certificates in PEM
   * @throws IOException naming the file if there are none in it
   */
  public static ServerTrust of(Path file) throws IOException {
    List<X509Certificate> certificates = certificates(file);
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (X509Certificate certificate : certificates) {
        store.setCertificateEntry("trusted-" + store.size(), certificate);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          null,
          new TrustManager[] {
            new OwnOrVouchedFor(
                certificates, (X509ExtendedTrustManager) factory.getTrustManagers()[0])
          },
          null);
      return new ServerTrust(Optional.of(context));
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "the certificates in '%s' cannot be used (%s).".formatted(file, e.getMessage()), e);
    }
  }

  private static List<X509Certificate> certificates(Path file) throws IOException {
    Collection<? extends Certificate> found;
    try {
      found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new IOException(
          "the certificates of the service, '%s', cannot be read (%s). Maybe copy them from its machine."
              .formatted(file, e.getClass().getSimpleName()),
          e);
    } catch (CertificateException e) {
      throw noCertificates(file, e);
    }
    if (found.isEmpty()) {
      throw noCertificates(file, null);
    }
    List<X509Certificate> certificates = new ArrayList<>();
    found.forEach(one -> certificates.add((X509Certificate) one));
    return certificates;
  }

  private static IOException noCertificates(
      Path file, @org.jspecify.annotations.Nullable Exception cause) {
    return new IOException(
        "there are no certificates in '%s'. Maybe name a file in PEM, which begins with -----BEGIN CERTIFICATE-----."
            .formatted(file),
        cause);
  }

  /** A client that trusts them, to be completed. */
  public HttpClient.Builder http() {
    HttpClient.Builder builder = HttpClient.newBuilder();
    context.ifPresent(builder::sslContext);
    return builder;
  }

  /**
   * Who proves to have the key of a certificate that is trusted itself is who it is, by whatever
   * name it is reached; all others are left to Java's rules, names included.
   */
  private static final class OwnOrVouchedFor extends X509ExtendedTrustManager {
    private final List<X509Certificate> own;
    private final X509ExtendedTrustManager rules;

    OwnOrVouchedFor(List<X509Certificate> own, X509ExtendedTrustManager rules) {
      this.own = own;
      this.rules = rules;
    }

    private boolean isOwn(X509Certificate[] chain) {
      return chain.length > 0 && own.contains(chain[0]);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String method, SSLEngine engine)
        throws CertificateException {
      if (!isOwn(chain)) {
        rules.checkServerTrusted(chain, method, engine);
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String method, Socket socket)
        throws CertificateException {
      if (!isOwn(chain)) {
        rules.checkServerTrusted(chain, method, socket);
      }
    }

    /** Nobody asks without a connection: its name could not be looked at. */
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String method)
        throws CertificateException {
      throw new CertificateException("a certificate is looked at with its connection alone");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String method, SSLEngine engine)
        throws CertificateException {
      throw noServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String method, Socket socket)
        throws CertificateException {
      throw noServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String method)
        throws CertificateException {
      throw noServer();
    }

    private static CertificateException noServer() {
      return new CertificateException("a client trusts servers, not clients");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return rules.getAcceptedIssuers();
    }
  }
}
