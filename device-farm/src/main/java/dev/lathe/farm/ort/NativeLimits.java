package dev.lathe.farm.ort;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a process may ask of Linux for itself: to stay on some cores, to be limited in memory, to be
 * the first to go when memory runs out. Elsewhere each request is declined.
 */
final class NativeLimits {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int RLIMIT_AS = 9;
  private static final int CPU_SET_BYTES = 128;

  private NativeLimits() {}

  /** The cores on which this process may run, ascending; empty where that cannot be told. */
  static List<Integer> allowedCores() {
    List<Integer> cores = new ArrayList<>();
    for (String range : status("Cpus_allowed_list").split(",", -1)) {
      if (range.isBlank()) {
        continue;
      }
      String[] ends = range.strip().split("-", -1);
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int core = Integer.parseInt(ends[0]); core <= last; core++) {
        cores.add(core);
      }
    }
    return cores;
  }

  /** Keeps the calling thread, and threads that it will start, on these cores. */
  static boolean pin(List<Integer> cores) {
    if (cores.isEmpty() || cores.getLast() >= CPU_SET_BYTES * 8) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(CPU_SET_BYTES, 8);
      for (int core : cores) {
        long at = core / 8;
        byte bits = set.get(ValueLayout.JAVA_BYTE, at);
        set.set(ValueLayout.JAVA_BYTE, at, (byte) (bits | 1 << core % 8));
      }
      return (int)
              function(
                      "sched_setaffinity",
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_INT,
                          ValueLayout.JAVA_LONG,
                          ValueLayout.ADDRESS))
                  .invokeExact(0, (long) CPU_SET_BYTES, set)
          == 0;
    } catch (Throwable e) {
      return declined(e);
    }
  }

  /** Lets the address space of this process grow by at most so many bytes from now on. */
  static boolean limitMemory(long bytes) {
    String size = status("VmSize").replaceAll("[^0-9]", "");
    if (size.isEmpty()) {
      return false;
    }
    long limit = Long.parseLong(size) * 1024 + bytes;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pair = arena.allocate(16, 8);
      pair.set(ValueLayout.JAVA_LONG, 0, limit);
      pair.set(ValueLayout.JAVA_LONG, 8, limit);
      return (int)
              function(
                      "setrlimit",
                      FunctionDescriptor.of(
                          ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                  .invokeExact(RLIMIT_AS, pair)
          == 0;
    } catch (Throwable e) {
      return declined(e);
    }
  }

  /** Offers this process to the kernel when memory runs out, rather than the one that began it. */
  static boolean firstToGo() {
    try {
      Files.writeString(Path.of("/proc/self/oom_score_adj"), "1000");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Gives freed memory back to the system, so that what is held is what is used. */
  static boolean trim() {
    try {
      var unused =
          (int)
              function(
                      "malloc_trim",
                      FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG))
                  .invokeExact(0L);
      return true;
    } catch (Throwable e) {
      return declined(e);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }

  private static boolean declined(Throwable e) {
    if (e instanceof Error error && !(e instanceof LinkageError)) {
      throw error;
    }
    return false;
  }

  private static String status(String field) {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(field + ":")) {
          return line.substring(field.length() + 1).strip();
        }
      }
    } catch (IOException e) {
      return "";
    }
    return "";
  }
}
