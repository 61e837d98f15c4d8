package dev.lathe.farm.ort;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A session of ONNX Runtime with its inputs filled and its outputs allocated outside the Java heap,
 * so that a timed run allocates and copies as little as possible. Floating-point inputs are drawn
 * from the standard normal distribution; integer inputs are 0 or 1, so that they are valid as
 * indices.
 */
final class LoadedModel implements AutoCloseable {
  /** No input is larger, in elements: a model may ask for anything. */
  private static final long MAX_ELEMENTS = 1L << 28;

  /** So many values of an output tell whether it is right. */
  private static final int SHOWN = 16;

  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
  private final List<AutoCloseable> resources = new ArrayList<>();
  private final long loadNanos;
  private long firstRunNanos;

  private LoadedModel(OrtSession session, long loadNanos) {
    this.session = session;
    this.loadNanos = loadNanos;
    resources.add(session);
  }

  /**
   * Opens a model and runs it once.
   *
   * @param shapes of inputs by name; dimensions that neither they nor the model tell are 1
   * @throws OrtException if ONNX Runtime refuses it
   * @throws IllegalArgumentException naming the input that cannot be fed
   */
  static LoadedModel open(
      OrtEnvironment environment,
      Provider provider,
      String path,
      int threads,
      long seed,
      Map<String, long[]> shapes)
      throws OrtException {
    OrtSession session;
    long start = System.nanoTime();
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.addConfigEntry("session.inter_op.allow_spinning", "0");
      provider.addTo(options);
      session = environment.createSession(path, options);
    }
    LoadedModel model = new LoadedModel(session, System.nanoTime() - start);
    try {
      model.allocate(environment, new Random(seed), shapes);
      return model;
    } catch (OrtException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  private void allocate(OrtEnvironment environment, Random random, Map<String, long[]> shapes)
      throws OrtException {
    for (NodeInfo input : session.getInputInfo().values()) {
      if (!(input.getInfo() instanceof TensorInfo tensor)) {
        throw new IllegalArgumentException(
            "input '%s' is no tensor but %s.".formatted(input.getName(), input.getInfo()));
      }
      long[] shape = shapes.getOrDefault(input.getName(), tensor.getShape()).clone();
      for (int i = 0; i < shape.length; i++) {
        shape[i] = shape[i] < 1 ? 1 : shape[i];
      }
      ByteBuffer data = buffer(input.getName(), tensor.type, shape);
      fill(data, tensor.type, input.getName(), random);
      inputs.put(
          input.getName(), keep(OnnxTensor.createTensor(environment, data, shape, tensor.type)));
    }
    long start = System.nanoTime();
    try (OrtSession.Result first = session.run(inputs)) {
      firstRunNanos = System.nanoTime() - start;
      for (Map.Entry<String, OnnxValue> output : first) {
        if (output.getValue() instanceof OnnxTensor tensor
            && tensor.getInfo().type != OnnxJavaType.STRING) {
          TensorInfo info = tensor.getInfo();
          ByteBuffer data = buffer(output.getKey(), info.type, info.getShape());
          outputs.put(
              output.getKey(),
              keep(OnnxTensor.createTensor(environment, data, info.getShape(), info.type)));
        }
      }
    }
  }

  private OnnxTensor keep(OnnxTensor tensor) {
    resources.add(tensor);
    return tensor;
  }

  private static ByteBuffer buffer(String name, OnnxJavaType type, long[] shape) {
    long elements = 1;
    for (long dim : shape) {
      elements = Math.multiplyExact(elements, dim);
    }
    if (elements > MAX_ELEMENTS || elements * type.size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "'%s' has %d elements, more than can be measured.".formatted(name, elements));
    }
    return ByteBuffer.allocateDirect((int) (elements * type.size)).order(ByteOrder.nativeOrder());
  }

  private static void fill(ByteBuffer data, OnnxJavaType type, String name, Random random) {
    while (data.hasRemaining()) {
      switch (type) {
        case FLOAT -> data.putFloat((float) random.nextGaussian());
        case DOUBLE -> data.putDouble(random.nextGaussian());
        case FLOAT16 -> data.putShort(Float.floatToFloat16((float) random.nextGaussian()));
        case BFLOAT16 ->
            data.putShort((short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16));
        case UINT8, INT8, BOOL -> data.put((byte) random.nextInt(2));
        case INT16 -> data.putShort((short) random.nextInt(2));
        case INT32 -> data.putInt(random.nextInt(2));
        case INT64 -> data.putLong(random.nextInt(2));
        case STRING, UNKNOWN ->
            throw new IllegalArgumentException(
                "input '%s' is of type %s, which cannot be drawn at random.".formatted(name, type));
      }
    }
    data.flip();
  }

  /** The beginning of the first output that is of floats, as the last inference left it. */
  double[] output() throws OrtException {
    for (OnnxTensor tensor : outputs.values()) {
      if (tensor.getInfo().type == OnnxJavaType.FLOAT) {
        FloatBuffer values = tensor.getFloatBuffer();
        double[] first = new double[Math.min(SHOWN, values.remaining())];
        for (int i = 0; i < first.length; i++) {
          first[i] = values.get();
        }
        return first;
      }
    }
    return new double[0];
  }

  /** Milliseconds from the file to a session. */
  double loadMillis() {
    return loadNanos / 1e6;
  }

  /** Milliseconds of the first inference. */
  double firstRunMillis() {
    return firstRunNanos / 1e6;
  }

  /** One inference. */
  void run() throws OrtException {
    session.run(inputs, outputs).close();
  }

  /** One inference, timed in nanoseconds. */
  long timedRun() throws OrtException {
    long start = System.nanoTime();
    OrtSession.Result result = session.run(inputs, outputs);
    long nanos = System.nanoTime() - start;
    result.close();
    return nanos;
  }

  @Override
  public void close() {
    for (AutoCloseable resource : resources.reversed()) {
      try {
        resource.close();
      } catch (Exception e) {
        throw new IllegalStateException("a session of ONNX Runtime cannot be closed", e);
      }
    }
    resources.clear();
  }
}
