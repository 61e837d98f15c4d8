package dev.lathe.supernet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Named float32 tensors in a file of the safetensors format: eight bytes of header length, a JSON
 * header with type, shape and offsets, then the values, little-endian.
 *
 * @param tensors by name
 * @param metadata free text by name
 */
public record Safetensors(Map<String, Values> tensors, Map<String, String> metadata) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MAX_HEADER = 64L << 20;

  /**
   * One tensor.
   *
   * @param shape extent, one number a dimension
   * @param values row-major
   */
  public record Values(List<Integer> shape, float[] values) {
    public Values {
      shape = List.copyOf(shape);
    }
  }

  public Safetensors {
    tensors = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * Writes the file whole or not at all: to a neighbour first, which is then moved into place.
   *
   * @throws IOException if the disk is full or cannot be written
   */
  public void write(Path file) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode text = header.putObject("__metadata__");
      metadata.forEach(text::put);
    }
    long offset = 0;
    for (Map.Entry<String, Values> entry : tensors.entrySet()) {
      ObjectNode description = header.putObject(entry.getKey());
      description.put("dtype", "F32");
      ArrayNode shape = description.putArray("shape");
      entry.getValue().shape().forEach(shape::add);
      long end = offset + 4L * entry.getValue().values().length;
      description.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] text = JSON.writeValueAsBytes(header);
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    try (FileChannel channel =
        FileChannel.open(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      write(channel, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, text.length));
      write(channel, ByteBuffer.wrap(text));
      for (Values tensor : tensors.values()) {
        ByteBuffer bytes =
            ByteBuffer.allocate(4 * tensor.values().length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(tensor.values());
        write(channel, bytes);
      }
      channel.force(true);
    }
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Reads a file.
   *
   * @throws IOException naming the file and the byte offset at which it is not as it must be
   */
  public static Safetensors read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.capacity() < 8) {
      throw new IOException(
          "'%s' ends at byte %d, within the header length.".formatted(file, bytes.capacity()));
    }
    long length = bytes.getLong(0);
    if (length < 2 || length > MAX_HEADER || length > bytes.capacity() - 8) {
      throw new IOException(
          "'%s', byte 0: a header of %d bytes does not fit the file of %d bytes. Maybe it is no safetensors file, or is cut off."
              .formatted(file, length, bytes.capacity()));
    }
    int start = 8 + (int) length;
    JsonNode header =
        JSON.readTree(new String(bytes.array(), 8, (int) length, StandardCharsets.UTF_8));
    Map<String, Values> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    Iterator<Map.Entry<String, JsonNode>> entries = header.fields();
    while (entries.hasNext()) {
      Map.Entry<String, JsonNode> entry = entries.next();
      if (entry.getKey().equals("__metadata__")) {
        entry
            .getValue()
            .fields()
            .forEachRemaining(m -> metadata.put(m.getKey(), m.getValue().asText()));
      } else {
        tensors.put(entry.getKey(), tensor(file, bytes, start, entry.getKey(), entry.getValue()));
      }
    }
    return new Safetensors(tensors, metadata);
  }

  private static Values tensor(
      Path file, ByteBuffer bytes, int start, String name, JsonNode description)
      throws IOException {
    if (!description.path("dtype").asText().equals("F32")) {
      throw new IOException(
          "'%s': tensor '%s' has type %s, only F32 is read."
              .formatted(file, name, description.path("dtype")));
    }
    List<Integer> shape = new ArrayList<>();
    long count = 1;
    for (JsonNode dimension : description.path("shape")) {
      shape.add(dimension.asInt());
      count = Math.multiplyExact(count, dimension.asLong());
    }
    long from = start + description.path("data_offsets").path(0).asLong(-1);
    long to = start + description.path("data_offsets").path(1).asLong(-1);
    if (from < start || to > bytes.capacity() || to - from != 4 * count) {
      throw new IOException(
          "'%s': tensor '%s' of shape %s should lie at bytes %d to %d of %d. Maybe the file is cut off."
              .formatted(file, name, shape, from, to, bytes.capacity()));
    }
    float[] values = new float[(int) count];
    bytes
        .slice((int) from, (int) (to - from))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return new Values(shape, values);
  }
}
