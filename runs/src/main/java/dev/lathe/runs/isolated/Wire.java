package dev.lathe.runs.isolated;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.util.RawValue;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Values on their way between a process and the one that works on a model: JSON, of types that the
 * receiver knows beforehand. Contents of files go as files of the worker's folder.
 */
final class Wire {
  private static final long MOST_BYTES = 256L << 20;
  private static final long MOST_BYTES_OF_A_CALL = 512L << 20;

  /** States of algorithms and reports are long. */
  private static final JsonFactory LONG_TEXTS =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private final ObjectMapper json;
  private final Path folder;
  private int files;
  private long bytes;

  /** Either end of the way; {@code folder} is that of the worker. */
  Wire(Path folder) {
    this.folder = folder;
    SimpleModule module = new SimpleModule();
    module.addSerializer(Architecture.class, new ArchitectureWriter());
    module.addDeserializer(Architecture.class, new ArchitectureReader());
    module.addSerializer(byte[].class, new ContentWriter());
    module.addDeserializer(byte[].class, new ContentReader());
    json = new ObjectMapper(LONG_TEXTS).registerModule(new Jdk8Module()).registerModule(module);
    json.addMixIn(MeasurementOutcome.class, OutcomeTypes.class);
  }

  /** By which a method of a port is called: its name and the number of its parameters. */
  static String name(Method method) {
    return method.getName() + "/" + method.getParameterCount();
  }

  /** The methods of a port by name. */
  static Map<String, Method> methods(Class<?> port) {
    Map<String, Method> methods = new HashMap<>();
    for (Method method : port.getMethods()) {
      if (methods.put(name(method), method) != null) {
        throw new IllegalStateException("two methods %s of %s".formatted(name(method), port));
      }
    }
    return methods;
  }

  ObjectNode object() {
    return json.createObjectNode();
  }

  /** A value, for a place in a message. */
  RawValue value(Object value, Type type) {
    try {
      return new RawValue(json.writerFor(json.constructType(type)).writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A message as a line. */
  String line(ObjectNode message) {
    try {
      return json.writeValueAsString(message);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A message, of a line.
   *
   * @throws ModelFailure if it is none
   */
  ObjectNode message(String line) {
    bytes = 0;
    try {
      return (ObjectNode) json.readTree(line);
    } catch (JsonProcessingException | ClassCastException e) {
      throw new ModelFailure("the model's process wrote what is no message of ours.", e);
    }
  }

  /**
   * A value out of a message.
   *
   * @throws ModelFailure if it is not of the type
   */
  Object read(JsonNode value, Type type) {
    try {
      return json.treeToValue(value, json.constructType(type));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      if (e.getCause() instanceof ModelFailure known) {
        throw known;
      }
      throw new ModelFailure("the model's process wrote what is no message of ours.", e);
    }
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = MeasurementOutcome.Measured.class, name = "measured"),
    @JsonSubTypes.Type(value = MeasurementOutcome.Failed.class, name = "failed")
  })
  private interface OutcomeTypes {}

  private static final class ArchitectureWriter extends StdSerializer<Architecture> {
    private static final long serialVersionUID = 1;

    ArchitectureWriter() {
      super(Architecture.class);
    }

    @Override
    public void serialize(Architecture of, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      int[] choices = of.toArray();
      out.writeArray(choices, 0, choices.length);
    }
  }

  private static final class ArchitectureReader extends StdDeserializer<Architecture> {
    private static final long serialVersionUID = 1;

    ArchitectureReader() {
      super(Architecture.class);
    }

    @Override
    public Architecture deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      return Architecture.of(context.readValue(in, int[].class));
    }
  }

  @SuppressWarnings("serial") // never serialised
  private final class ContentWriter extends StdSerializer<byte[]> {
    ContentWriter() {
      super(byte[].class);
    }

    @Override
    public void serialize(byte[] content, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      while (true) {
        int number = files++;
        try {
          // Both ends write here; a file or link that is there already is never written to.
          Files.write(
              folder.resolve("content-" + number),
              content,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE);
          out.writeNumber(number);
          return;
        } catch (FileAlreadyExistsException e) {
          continue;
        }
      }
    }
  }

  @SuppressWarnings("serial") // never serialised
  private final class ContentReader extends StdDeserializer<byte[]> {
    ContentReader() {
      super(byte[].class);
    }

    @Override
    public byte[] deserialize(JsonParser in, DeserializationContext context) throws IOException {
      Path file = folder.resolve("content-" + in.getIntValue());
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new IllegalArgumentException("no file of the model's process");
      }
      long size = Files.size(file);
      bytes += size;
      if (size > MOST_BYTES || bytes > MOST_BYTES_OF_A_CALL) {
        throw new ModelFailure(
            "a file that was made of the model has more than %d MiB, or several together more than %d MiB."
                .formatted(MOST_BYTES >> 20, MOST_BYTES_OF_A_CALL >> 20));
      }
      byte[] content = Files.readAllBytes(file);
      Files.delete(file);
      return content;
    }
  }
}
