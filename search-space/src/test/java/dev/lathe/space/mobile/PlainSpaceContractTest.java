package dev.lathe.space.mobile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.OnnxNode;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.NetworkSpaceContract;
import dev.lathe.space.family.SpaceFiles;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlainSpaceContractTest extends NetworkSpaceContract {
  @Override
  protected NetworkSpace space() {
    return SpaceFiles.builtin("plain-32").space(10);
  }

  @Test
  void deployedNetwork_poolsBehindActivations_withoutNorms() {
    NetworkSpace space = space();
    List<String> kinds =
        space.subnet(space.smallest()).outline().nodes().stream().map(OnnxNode::opType).toList();

    assertThat(kinds)
        .containsSubsequence("Conv", "Relu", "MaxPool", "Conv", "Relu", "MaxPool", "Conv")
        .doesNotContain("BatchNormalization");
    for (int i = 0; i < kinds.size(); i++) {
      if (kinds.get(i).equals("MaxPool")) {
        assertThat(kinds.get(i - 1)).isEqualTo("Relu");
      }
    }
  }
}
