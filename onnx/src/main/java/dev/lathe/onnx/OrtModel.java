package dev.lathe.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A model loaded into ONNX Runtime, on the CPU, in this process. For models that we made or trust:
 * a damaged one can end the process. Safe for use by several threads; must be closed.
 */
public final class OrtModel implements AutoCloseable {
  /**
   * How a model is run.
   *
   * @param threads threads within an operator, at least 1; they do not spin when idle
   * @param optimized whether ONNX Runtime may rewrite the graph (all its levels) or must run it as
   *     it stands
   */
  public record Options(int threads, boolean optimized) {
    /** One thread, all optimisations: as models are deployed and measured here. */
    public static final Options DEPLOYED = new Options(1, true);

    /** One thread, the graph as it stands. */
    public static final Options LITERAL = new Options(1, false);

    public Options {
      if (threads < 1) {
        throw new IllegalArgumentException(
            "threads must be at least 1, not %d.".formatted(threads));
      }
    }
  }

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<String> inputs;
  private final List<String> outputs;

  /** A further setting of a session. */
  @FunctionalInterface
  private interface Setting {
    void apply(SessionOptions settings) throws OrtException;
  }

  /** Where a session's model comes from. */
  @FunctionalInterface
  private interface Source {
    OrtSession open(OrtEnvironment environment, SessionOptions settings) throws OrtException;
  }

  private OrtModel(byte[] model, Options options, Setting setting) {
    this((environment, settings) -> environment.createSession(model, settings), options, setting);
  }

  private OrtModel(Source source, Options options, Setting setting) {
    environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "lathe");
    try (SessionOptions settings = new SessionOptions()) {
      settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      settings.setIntraOpNumThreads(options.threads());
      settings.setInterOpNumThreads(1);
      settings.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
      settings.addConfigEntry("session.intra_op.allow_spinning", "0");
      settings.addConfigEntry("session.inter_op.allow_spinning", "0");
      settings.setOptimizationLevel(
          options.optimized() ? SessionOptions.OptLevel.ALL_OPT : SessionOptions.OptLevel.NO_OPT);
      setting.apply(settings);
      session = source.open(environment, settings);
    } catch (OrtException e) {
      throw new OnnxException("ONNX Runtime cannot load the model: " + e.getMessage(), e);
    }
    inputs = List.copyOf(session.getInputNames());
    outputs = List.copyOf(session.getOutputNames());
  }

  /**
   * Loads a serialized model.
   *
   * @throws OnnxException if ONNX Runtime refuses it
   */
  public static OrtModel open(byte[] model, Options options) {
    return new OrtModel(model, options, settings -> {});
  }

  /**
   * Loads a model file, and weights that it keeps in files beside it.
   *
   * @throws OnnxException if ONNX Runtime refuses it
   */
  public static OrtModel open(Path file, Options options) {
    return new OrtModel(
        (environment, settings) -> environment.createSession(file.toString(), settings),
        options,
        settings -> {});
  }

  /**
   * Loads a graph; a large one from temporary files, with its weights apart: ONNX Runtime maps them
   * into memory, so that they are not there twice.
   *
   * @throws OnnxException if ONNX Runtime refuses it
   */
  public static OrtModel open(OnnxGraph graph, Options options) {
    if (TemporaryModel.isSmall(graph)) {
      return open(graph.toBytes(), options);
    }
    try (TemporaryModel model = TemporaryModel.of(graph)) {
      System.gc(); // Java gives back what it does not use: it is needed now.
      return open(model.file(), options);
    }
  }

  /**
   * Loads a graph with some of its inner values, all single-precision, as further outputs.
   *
   * @throws OnnxException if ONNX Runtime refuses it
   */
  public static OrtModel open(OnnxGraph graph, Options options, List<String> exposed) {
    OnnxGraph copy = graph.copy();
    for (String value : exposed) {
      if (!copy.isOutput(value)) {
        copy.addOutput(ValueInfo.unranked(value, ElementType.FLOAT));
      }
    }
    return open(copy, options);
  }

  /**
   * Loads a model, as it is deployed, whose kernels ONNX Runtime times until {@link #endProfile}.
   *
   * @param record file for what it sees, to whose name ONNX Runtime adds the time
   * @throws OnnxException if ONNX Runtime refuses the model
   */
  public static OrtModel profiled(byte[] model, Path record) {
    return new OrtModel(
        model, Options.DEPLOYED, settings -> settings.enableProfiling(record.toString()));
  }

  /**
   * Ends the profile of a {@link #profiled} model.
   *
   * @return its record, a list of events in JSON
   */
  public Path endProfile() {
    try {
      return Path.of(session.endProfiling());
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /**
   * The graph that ONNX Runtime really runs on this processor, after all its optimisations.
   *
   * @throws OnnxException if ONNX Runtime refuses the model
   */
  public static OnnxGraph optimizedGraph(byte[] model) {
    try {
      Path file = Files.createTempFile("lathe", ".onnx");
      try {
        new OrtModel(
                model,
                Options.DEPLOYED,
                settings -> settings.setOptimizedModelFilePath(file.toString()))
            .close();
        return OnnxGraph.read(file);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new OnnxException("the optimised graph cannot be written: " + e, e);
    }
  }

  /** The runtime's name and version. */
  public static String runtime() {
    return "onnxruntime " + OrtEnvironment.getEnvironment().getVersion();
  }

  public List<String> inputs() {
    return inputs;
  }

  public List<String> outputs() {
    return outputs;
  }

  /**
   * Runs a model of one input and takes its first output, both single-precision.
   *
   * @param input elements in row-major order
   * @param shape of the input
   * @throws OnnxException if the run fails, for example because the shape does not fit
   */
  public float[] run(float[] input, long... shape) {
    try (OnnxTensor tensor = tensor(input, shape);
        OrtSession.Result result =
            session.run(Map.of(inputs.getFirst(), tensor), Set.of(outputs.getFirst()))) {
      return floats(outputs.getFirst(), result.get(0)).array();
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /**
   * Runs a model of one single-precision input and shows each of its outputs, which must be
   * single-precision too; the buffers are the receiver's to keep.
   *
   * @throws OnnxException if the run fails
   */
  public void run(float[] input, long[] shape, BiConsumer<String, FloatBuffer> receiver) {
    try (OnnxTensor tensor = tensor(input, shape);
        OrtSession.Result result = session.run(Map.of(inputs.getFirst(), tensor))) {
      for (Map.Entry<String, OnnxValue> entry : result) {
        receiver.accept(entry.getKey(), floats(entry.getKey(), entry.getValue()));
      }
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /**
   * Runs a model of any inputs and outputs.
   *
   * @param values one tensor an input, by name
   * @return one tensor an output, by name; outputs that are texts, sequences or maps left out
   * @throws OnnxException if the run fails
   */
  public Map<String, TensorValue> run(Map<String, TensorValue> values) {
    Map<String, TensorValue> out = new LinkedHashMap<>();
    try (Prepared prepared = prepare(values);
        OrtSession.Result result = session.run(prepared.tensors)) {
      for (Map.Entry<String, OnnxValue> entry : result) {
        if (isNumeric(entry.getValue())) {
          out.put(entry.getKey(), value(entry.getKey(), entry.getValue()));
        }
      }
      return out;
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /**
   * Runs a model of any inputs and shows each of its floating-point outputs, others left out; the
   * buffers are the receiver's to keep.
   *
   * @param values one tensor an input, by name
   * @throws OnnxException if the run fails
   */
  public void run(Map<String, TensorValue> values, BiConsumer<String, FloatBuffer> receiver) {
    try (Prepared prepared = prepare(values);
        OrtSession.Result result = session.run(prepared.tensors)) {
      for (Map.Entry<String, OnnxValue> entry : result) {
        if (entry.getValue() instanceof OnnxTensor tensor) {
          switch (tensor.getInfo().type) {
            case FLOAT -> receiver.accept(entry.getKey(), tensor.getFloatBuffer());
            case FLOAT16, BFLOAT16, DOUBLE ->
                receiver.accept(
                    entry.getKey(), FloatBuffer.wrap(value(entry.getKey(), tensor).floats()));
            default -> {}
          }
        }
      }
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /**
   * Copies inputs to where ONNX Runtime reads them, for runs that are timed.
   *
   * @throws OnnxException if one cannot be passed
   */
  public Prepared prepare(Map<String, TensorValue> values) {
    Prepared prepared = new Prepared();
    try {
      for (Map.Entry<String, TensorValue> value : values.entrySet()) {
        prepared.tensors.put(value.getKey(), tensor(value.getValue()));
      }
      return prepared;
    } catch (OrtException e) {
      prepared.close();
      throw failed(e);
    }
  }

  /** Inputs in native memory; must be closed. */
  public final class Prepared implements AutoCloseable {
    private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

    private Prepared() {}

    /**
     * Runs the model and drops its outputs.
     *
     * @throws OnnxException if the run fails
     */
    public void run() {
      try {
        session.run(tensors).close();
      } catch (OrtException e) {
        throw failed(e);
      }
    }

    @Override
    public void close() {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensor(float[] values, long... shape) throws OrtException {
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.nativeOrder());
    FloatBuffer floats = buffer.asFloatBuffer();
    floats.put(values).flip();
    return OnnxTensor.createTensor(environment, floats, shape);
  }

  private OnnxTensor tensor(TensorValue value) throws OrtException {
    if (value.type() == ElementType.FLOAT) {
      return tensor(value.floats(), value.dims());
    }
    byte[] bytes = value.toByteArray();
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.nativeOrder());
    buffer.put(bytes).flip();
    return OnnxTensor.createTensor(environment, buffer, value.dims(), javaType(value));
  }

  private static OnnxJavaType javaType(TensorValue value) {
    return switch (value.type()) {
      case FLOAT -> OnnxJavaType.FLOAT;
      case DOUBLE -> OnnxJavaType.DOUBLE;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      default ->
          throw new OnnxException(
              "input '%s' is of type %s, which cannot be passed to ONNX Runtime."
                  .formatted(value.name(), value.type()));
    };
  }

  private static FloatBuffer floats(String name, OnnxValue value) {
    if (!(value instanceof OnnxTensor tensor) || tensor.getInfo().type != OnnxJavaType.FLOAT) {
      throw new OnnxException(
          "output '%s' is %s, no single-precision tensor.".formatted(name, value.getInfo()));
    }
    return tensor.getFloatBuffer();
  }

  private static boolean isNumeric(OnnxValue value) {
    return value instanceof OnnxTensor tensor && tensor.getInfo().type != OnnxJavaType.STRING;
  }

  private static TensorValue value(String name, OnnxValue value) {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new OnnxException("output '%s' is no tensor.".formatted(name));
    }
    TensorInfo info = tensor.getInfo();
    byte[] bytes = new byte[tensor.getByteBuffer().remaining()];
    tensor.getByteBuffer().get(bytes);
    return TensorValue.raw(name, elementType(name, info), bytes, info.getShape());
  }

  private static ElementType elementType(String name, TensorInfo info) {
    return switch (info.type) {
      case FLOAT -> ElementType.FLOAT;
      case DOUBLE -> ElementType.DOUBLE;
      case INT8 -> ElementType.INT8;
      case UINT8 -> ElementType.UINT8;
      case INT16 -> ElementType.INT16;
      case INT32 -> ElementType.INT32;
      case INT64 -> ElementType.INT64;
      case BOOL -> ElementType.BOOL;
      case FLOAT16 -> ElementType.FLOAT16;
      case BFLOAT16 -> ElementType.BFLOAT16;
      default ->
          throw new OnnxException(
              "output '%s' is of type %s, which cannot be read.".formatted(name, info.type));
    };
  }

  private static OnnxException failed(OrtException e) {
    return new OnnxException("ONNX Runtime failed: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw failed(e);
    }
  }
}
