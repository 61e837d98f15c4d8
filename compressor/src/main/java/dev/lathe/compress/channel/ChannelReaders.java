package dev.lathe.compress.channel;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.GramMatrices;
import dev.lathe.compress.WeightRows;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.space.elastic.ElasticStructure;
import dev.lathe.space.elastic.Reader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The convolutions and matrix products that read channels of a model, and what they read. */
public final class ChannelReaders {
  private final ElasticStructure structure;
  private final Map<String, ReadMatrix> matrices;

  private ChannelReaders(ElasticStructure structure, Map<String, ReadMatrix> matrices) {
    this.structure = structure;
    this.matrices = matrices;
  }

  /**
   * Runs a model on data and collects what its readers multiply.
   *
   * @param images of the data, at most
   */
  public static ChannelReaders of(ElasticStructure structure, CalibrationData data, int images) {
    OnnxGraph graph = structure.graph();
    Map<String, Reader> readers = new LinkedHashMap<>();
    structure.groups().stream()
        .flatMap(group -> group.readers().stream())
        .filter(reader -> isMatrix(graph, reader))
        .forEach(reader -> readers.put(reader.node(), reader));
    List<OnnxNode> nodes = new ArrayList<>();
    readers.keySet().forEach(output -> nodes.add(graph.producer(output).orElseThrow()));
    Map<String, double[]> grams = GramMatrices.collect(graph, nodes, data, images);
    Map<String, ReadMatrix> matrices = new LinkedHashMap<>();
    readers.forEach(
        (output, reader) -> {
          WeightRows rows = WeightRows.of(graph, graph.producer(output).orElseThrow());
          matrices.put(
              output, new ReadMatrix(reader, rows, grams.getOrDefault(output, new double[0])));
        });
    return new ChannelReaders(structure, matrices);
  }

  /** Whether it is a product whose weights no one else uses. */
  private static boolean isMatrix(OnnxGraph graph, Reader reader) {
    OnnxNode node = graph.producer(reader.node()).orElseThrow();
    Set<String> usable = new HashSet<>();
    WeightRows.nodes(graph, 1).forEach(n -> usable.add(n.output()));
    return usable.contains(reader.node())
        && node.inputs().get(1).equals(reader.weight())
        && node.integer("group", 1) == 1
        && (node.is("Conv") || WeightRows.isMatrix(node));
  }

  public ElasticStructure structure() {
    return structure;
  }

  /** All that are known, by the output of their node. */
  Map<String, ReadMatrix> matrices() {
    return matrices;
  }

  /** Those that read channels of a group. */
  List<ReadMatrix> of(int group) {
    return structure.groups().get(group).readers().stream()
        .map(reader -> matrices.get(reader.node()))
        .filter(java.util.Objects::nonNull)
        .toList();
  }
}
