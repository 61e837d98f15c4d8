package dev.lathe.farm.android;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An adb server with one phone, made of a folder and this machine's shell. It speaks the protocol
 * of the real server (requests with four hexadecimal digits of length, {@code OKAY} and {@code
 * FAIL}, {@code shell,v2}, {@code sync:}), so that the real {@code adb} program can be its client.
 * The phone's paths below {@code /data/local/tmp} and its programs are in the folder; it can be
 * unplugged at any time, which ends what runs on it.
 */
public final class FakeAdbServer implements AutoCloseable {
  public static final String SERIAL = "FAKE0123456";
  private static final int SERVER_VERSION = 41;

  private final ServerSocket socket;
  private final Path phone;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Set<Process> processes = ConcurrentHashMap.newKeySet();
  public final AtomicInteger unplugged = new AtomicInteger();
  private volatile boolean plugged = true;
  private volatile boolean closed;

  /**
   * Starts the server.
   *
   * @param phone folder of the phone
   * @param appProcess what the phone runs for {@code app_process}: lines of a shell script
   */
  public FakeAdbServer(Path phone, String appProcess) throws IOException {
    this.phone = phone;
    Files.createDirectories(phone.resolve("data/local/tmp"));
    Path bin = Files.createDirectories(phone.resolve("bin"));
    program(
        bin,
        "getprop",
        """
        echo '[ro.product.manufacturer]: [Fake]'
        echo '[ro.product.model]: [Phone 1]'
        echo '[ro.soc.model]: [FK1000]'
        echo '[ro.build.version.release]: [14]'
        echo '[ro.product.cpu.abi]: [arm64-v8a]'
        """);
    program(
        bin,
        "dumpsys",
        """
        echo '  AC powered: false'
        echo '  USB powered: true'
        echo '  level: 77'
        echo "  temperature: $(cat %s 2>/dev/null || echo 285)"
        """
            .formatted(phone.resolve("temperature")));
    program(bin, "app_process", appProcess);
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("fake-adb").start(this::serve);
  }

  private static void program(Path bin, String name, String body) throws IOException {
    Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  public int port() {
    return socket.getLocalPort();
  }

  /** Pulls the cable: every connection of the phone breaks, and what it ran ends. */
  public void unplug() {
    plugged = false;
    unplugged.incrementAndGet();
    processes.forEach(
        process -> {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        });
    connections.forEach(FakeAdbServer::close);
  }

  public void plug() {
    plugged = true;
  }

  /** The files in the phone's folder for programs. */
  public List<String> files() throws IOException {
    try (var all = Files.walk(phone.resolve("data/local/tmp"))) {
      return all.filter(Files::isRegularFile).map(Path::toString).toList();
    }
  }

  void temperature(int tenths) throws IOException {
    Files.writeString(phone.resolve("temperature"), Integer.toString(tenths));
  }

  private void serve() {
    while (!closed) {
      try {
        Socket client = socket.accept();
        connections.add(client);
        Thread.ofVirtual().start(() -> talk(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void talk(Socket client) {
    try (client) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      OutputStream out = client.getOutputStream();
      boolean going = true;
      while (going) {
        byte[] length = new byte[4];
        in.readFully(length);
        byte[] text = new byte[Integer.parseInt(ascii(length), 16)];
        in.readFully(text);
        going = answer(ascii(text), in, out);
      }
    } catch (EOFException e) {
      return;
    } catch (IOException | RuntimeException e) {
      if (plugged && !closed && !(e instanceof SocketException)) {
        throw new IllegalStateException("the fake adb server failed on a request", e);
      }
    } finally {
      connections.remove(client);
    }
  }

  private boolean answer(String request, DataInputStream in, OutputStream out) throws IOException {
    if (request.equals("host:version")) {
      okay(out, "%04x".formatted(SERVER_VERSION));
      return false;
    }
    if (request.equals("host:devices") || request.equals("host:devices-l")) {
      okay(out, plugged ? SERIAL + "\tdevice\n" : "");
      return false;
    }
    if (request.equals("host:host-features")) {
      okay(out, "shell_v2,cmd");
      return false;
    }
    if (!plugged) {
      fail(out, "device '" + SERIAL + "' not found");
      return false;
    }
    if (request.endsWith(":features")) {
      okay(out, "shell_v2,cmd");
      return false;
    }
    if (request.startsWith("host:tport:")) {
      out.write("OKAY".getBytes(StandardCharsets.US_ASCII));
      out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(1).array());
      out.flush();
      return true;
    }
    if (request.startsWith("host:transport")) {
      out.write("OKAY".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return true;
    }
    if (request.startsWith("shell,v2")) {
      out.write("OKAY".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      shell(request.substring(request.indexOf(':') + 1), out);
      return false;
    }
    if (request.equals("sync:")) {
      out.write("OKAY".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      sync(in, out);
      return false;
    }
    fail(out, "the fake server does not know '" + request + "'");
    return false;
  }

  private static void okay(OutputStream out, String text) throws IOException {
    out.write(
        ("OKAY" + "%04x".formatted(text.length()) + text).getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static void fail(OutputStream out, String text) throws IOException {
    out.write(
        ("FAIL" + "%04x".formatted(text.length()) + text).getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Packets: an id (1 output, 2 errors, 3 exit code), four bytes of length, the bytes. */
  private void shell(String command, OutputStream out) throws IOException {
    String here = command.replace("/data/local/tmp", phone.resolve("data/local/tmp").toString());
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", here).redirectErrorStream(true);
    builder.environment().merge("PATH", "", (old, none) -> phone.resolve("bin") + ":" + old);
    Process process = builder.start();
    processes.add(process);
    try (InputStream output = process.getInputStream()) {
      process.getOutputStream().close();
      byte[] buffer = new byte[8192];
      for (int n = output.read(buffer); n >= 0; n = output.read(buffer)) {
        packet(out, 1, buffer, n);
      }
      int code = process.waitFor();
      packet(out, 3, new byte[] {(byte) code}, 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      processes.remove(process);
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static void packet(OutputStream out, int id, byte[] bytes, int length)
      throws IOException {
    ByteBuffer packet = ByteBuffer.allocate(5 + length).order(ByteOrder.LITTLE_ENDIAN);
    packet.put((byte) id).putInt(length).put(bytes, 0, length);
    out.write(packet.array());
    out.flush();
  }

  private void sync(DataInputStream in, OutputStream out) throws IOException {
    while (true) {
      byte[] head = new byte[8];
      in.readFully(head);
      ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
      String command = ascii(Arrays.copyOf(head, 4));
      int length = fields.getInt(4);
      switch (command) {
        case "STAT" -> stat(path(in, length), out);
        case "SEND" -> {
          String target = text(in, length);
          receive(local(target.substring(0, target.lastIndexOf(','))), in, out);
        }
        case "RECV" -> send(path(in, length), out);
        case "QUIT" -> {
          return;
        }
        default -> throw new IOException("sync command " + command);
      }
    }
  }

  private void stat(Path file, OutputStream out) throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    answer.put("STAT".getBytes(StandardCharsets.US_ASCII));
    boolean there = Files.exists(file);
    answer.putInt(there ? Files.isDirectory(file) ? 0x41ff : 0x81a4 : 0);
    answer.putInt(there ? (int) Files.size(file) : 0);
    answer.putInt(0);
    out.write(answer.array());
    out.flush();
  }

  private void receive(Path file, DataInputStream in, OutputStream out) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (true) {
      byte[] head = new byte[8];
      in.readFully(head);
      String id = ascii(Arrays.copyOf(head, 4));
      int length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
      if (id.equals("DONE")) {
        break;
      }
      byte[] chunk = new byte[length];
      in.readFully(chunk);
      bytes.write(chunk);
    }
    Files.createDirectories(file.getParent());
    Files.write(file, bytes.toByteArray());
    out.write(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put("OKAY".getBytes(StandardCharsets.US_ASCII))
            .putInt(0)
            .array());
    out.flush();
  }

  private void send(Path file, OutputStream out) throws IOException {
    if (!Files.exists(file)) {
      record(out, "FAIL", "no such file".getBytes(StandardCharsets.US_ASCII));
      return;
    }
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 0; at < bytes.length; at += 65_536) {
      record(out, "DATA", Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 65_536)));
    }
    record(out, "DONE", new byte[0]);
  }

  private static void record(OutputStream out, String id, byte[] bytes) throws IOException {
    ByteBuffer record = ByteBuffer.allocate(8 + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
    record.put(id.getBytes(StandardCharsets.US_ASCII)).putInt(bytes.length).put(bytes);
    out.write(record.array());
    out.flush();
  }

  private Path path(DataInputStream in, int length) throws IOException {
    return local(text(in, length));
  }

  private Path local(String path) {
    return phone.resolve(path.substring(1));
  }

  private static String text(DataInputStream in, int length) throws IOException {
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String ascii(byte[] bytes) {
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    unplug();
    socket.close();
  }
}
