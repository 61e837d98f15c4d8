package dev.lathe.farm.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP proxy before a service, which treats some connections badly, by seed. */
final class FaultyProxy implements AutoCloseable {
  /** What is done to a connection. */
  enum Fault {
    NONE,
    LATENCY,
    RESET_AT_ONCE,
    RESET_IN_ANSWER,
    HALF_OPEN,
    CUT_IN_UPLOAD
  }

  private final ServerSocket server;
  private final int target;
  private final double share;
  private final SplittableRandom random;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<Fault, AtomicInteger> seen = new EnumMap<>(Fault.class);

  /** A proxy before a local port; {@code share} of the connections have a fault. */
  FaultyProxy(int target, double share, long seed) throws IOException {
    this.target = target;
    this.share = share;
    this.random = new SplittableRandom(seed);
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    for (Fault fault : Fault.values()) {
      seen.put(fault, new AtomicInteger());
    }
    threads.execute(this::accept);
  }

  URI address() {
    return URI.create("http://localhost:" + server.getLocalPort());
  }

  int seen(Fault fault) {
    return seen.get(fault).get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Fault fault =
            random.nextDouble() < share
                ? Fault.values()[1 + random.nextInt(Fault.values().length - 1)]
                : Fault.NONE;
        seen.get(fault).incrementAndGet();
        int bytes = random.nextInt(1, 400);
        threads.execute(() -> serve(client, fault, bytes));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client, Fault fault, int bytes) {
    try (client;
        Socket service = new Socket(InetAddress.getLoopbackAddress(), target)) {
      switch (fault) {
        case RESET_AT_ONCE -> {
          client.setSoLinger(true, 0);
          return;
        }
        case HALF_OPEN -> {
          client.getInputStream().transferTo(OutputStream.nullOutputStream());
          return;
        }
        case LATENCY -> Thread.sleep(100);
        case NONE, RESET_IN_ANSWER, CUT_IN_UPLOAD -> {}
      }
      long up = fault == Fault.CUT_IN_UPLOAD ? bytes : Long.MAX_VALUE;
      long down = fault == Fault.RESET_IN_ANSWER ? bytes : Long.MAX_VALUE;
      threads.execute(() -> pump(client, service, up, client, service));
      pump(service, client, down, client, service);
    } catch (IOException | InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void pump(Socket from, Socket to, long limit, Socket... ends) {
    byte[] buffer = new byte[4096];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      long left = limit;
      while (left > 0) {
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          break;
        }
        out.write(buffer, 0, count);
        left -= count;
      }
      for (Socket end : ends) {
        if (left == 0) {
          end.setSoLinger(true, 0);
        }
        end.close();
      }
    } catch (IOException e) {
      try {
        for (Socket end : ends) {
          end.close();
        }
      } catch (IOException ignored) {
        return;
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }
}
