package dev.lathe.android;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Random;

/**
 * What runs on an Android device, started by {@code app_process}: measures the sentinel, the model
 * and the sentinel again, and writes {@code name=value} lines. Java 8, and nothing of Lathe.
 */
public final class Runner {
  private static final int SENTINEL_SAMPLES = 64;
  private static final int MOST_SAMPLES = 8192;
  private static final int SHOWN = 16;
  private static final long MOST_ELEMENTS = 1L << 26;

  private Runner() {}

  /**
   * Runs.
   *
   * @param arguments {@code version}, or the file of a request: model, sentinel, result, provider,
   *     threads, warmups, minSamples, minMillis
   */
  public static void main(String[] arguments) {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment("lathe");
      if (arguments[0].equals("version")) {
        System.out.println("onnxruntime " + environment.getVersion());
      } else {
        measure(environment, arguments[0]);
      }
      System.exit(0);
    } catch (OrtException | IOException | RuntimeException e) {
      System.out.println(String.valueOf(e.getMessage()).replace('\n', ' '));
      System.exit(1);
    }
  }

  private static void measure(OrtEnvironment environment, String file)
      throws OrtException, IOException {
    Properties request = new Properties();
    try (InputStream in = new FileInputStream(file)) {
      request.load(in);
    }
    int threads = Integer.parseInt(request.getProperty("threads"));
    int warmups = Integer.parseInt(request.getProperty("warmups"));
    int minSamples = Integer.parseInt(request.getProperty("minSamples"));
    long minNanos = Long.parseLong(request.getProperty("minMillis")) * 1000000L;
    try (SessionOptions plain = options("cpu", 1);
        OrtSession sentinel = environment.createSession(request.getProperty("sentinel"), plain);
        SessionOptions options = options(request.getProperty("provider"), threads)) {
      Map<String, OnnxTensor> sentinelInputs = inputs(environment, sentinel);
      double before = median(sample(sentinel, sentinelInputs, 20, SENTINEL_SAMPLES, 0));
      long start = System.nanoTime();
      try (OrtSession session = environment.createSession(request.getProperty("model"), options)) {
        double load = (System.nanoTime() - start) / 1e6;
        Map<String, OnnxTensor> inputs = inputs(environment, session);
        start = System.nanoTime();
        OrtSession.Result result = session.run(inputs);
        double first = (System.nanoTime() - start) / 1e6;
        String output = output(result);
        result.close();
        double[] samples = sample(session, inputs, warmups, minSamples, minNanos);
        double after = median(sample(sentinel, sentinelInputs, 20, SENTINEL_SAMPLES, 0));
        try (PrintWriter out = new PrintWriter(request.getProperty("result"), "UTF-8")) {
          out.println("output=" + output);
          out.println("load=" + load);
          out.println("firstRun=" + first);
          out.println("warmups=" + warmups);
          out.println("sentinelBefore=" + before);
          out.println("sentinelAfter=" + after);
          StringBuilder text = new StringBuilder();
          for (double sample : samples) {
            text.append(text.length() == 0 ? "" : ",").append(sample);
          }
          out.println("samples=" + text);
        }
      }
    }
  }

  private static SessionOptions options(String provider, int threads) throws OrtException {
    SessionOptions options = new SessionOptions();
    options.setIntraOpNumThreads(threads);
    options.setInterOpNumThreads(1);
    options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
    options.addConfigEntry("session.intra_op.allow_spinning", "0");
    if (provider.equals("nnapi")) {
      options.addNnapi();
    } else if (provider.equals("xnnpack")) {
      options.addXnnpack(
          Collections.singletonMap("intra_op_num_threads", Integer.toString(threads)));
    }
    return options;
  }

  private static Map<String, OnnxTensor> inputs(OrtEnvironment environment, OrtSession session)
      throws OrtException {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    Random random = new Random(1);
    for (NodeInfo input : session.getInputInfo().values()) {
      if (!(input.getInfo() instanceof TensorInfo)) {
        throw new IllegalArgumentException("input '" + input.getName() + "' is no tensor");
      }
      TensorInfo tensor = (TensorInfo) input.getInfo();
      long[] shape = tensor.getShape();
      long elements = 1;
      for (int i = 0; i < shape.length; i++) {
        shape[i] = Math.max(1, shape[i]);
        elements = Math.multiplyExact(elements, shape[i]);
      }
      if (tensor.type.size < 1 || elements > MOST_ELEMENTS) {
        throw new IllegalArgumentException(
            "input '" + input.getName() + "' of type " + tensor.type + " cannot be drawn");
      }
      ByteBuffer data =
          ByteBuffer.allocateDirect((int) elements * tensor.type.size)
              .order(ByteOrder.nativeOrder());
      while (data.hasRemaining()) {
        if (tensor.type == OnnxJavaType.FLOAT) {
          data.putFloat((float) random.nextGaussian());
        } else {
          data.put((byte) 0);
        }
      }
      data.flip();
      inputs.put(input.getName(), OnnxTensor.createTensor(environment, data, shape, tensor.type));
    }
    return inputs;
  }

  /** The beginning of the first output that is of floats. */
  private static String output(OrtSession.Result result) {
    for (Map.Entry<String, OnnxValue> entry : result) {
      if (entry.getValue() instanceof OnnxTensor
          && ((OnnxTensor) entry.getValue()).getInfo().type == OnnxJavaType.FLOAT) {
        FloatBuffer values = ((OnnxTensor) entry.getValue()).getFloatBuffer();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < SHOWN && values.hasRemaining(); i++) {
          text.append(i == 0 ? "" : ",").append(values.get());
        }
        return text.toString();
      }
    }
    return "";
  }

  private static double[] sample(
      OrtSession session,
      Map<String, OnnxTensor> inputs,
      int warmups,
      int minSamples,
      long minNanos)
      throws OrtException {
    for (int i = 0; i < warmups; i++) {
      session.run(inputs).close();
    }
    double[] samples = new double[Math.max(minSamples, MOST_SAMPLES)];
    int count = 0;
    long stride = 1;
    long begun = System.nanoTime();
    for (long run = 0; count < minSamples || System.nanoTime() - begun < minNanos; run++) {
      long start = System.nanoTime();
      OrtSession.Result result = session.run(inputs);
      long nanos = System.nanoTime() - start;
      result.close();
      if (run % stride != 0) {
        continue;
      }
      if (count == samples.length) {
        // Full: of all runs so far and to come, every other one is kept.
        for (int i = 0; i < count / 2; i++) {
          samples[i] = samples[2 * i];
        }
        count /= 2;
        stride *= 2;
      }
      samples[count++] = Math.max(1, nanos) / 1e6;
    }
    return Arrays.copyOf(samples, count);
  }

  private static double median(double[] samples) {
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
