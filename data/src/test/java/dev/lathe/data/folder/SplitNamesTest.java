package dev.lathe.data.folder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.data.Split;
import org.junit.jupiter.api.Test;

class SplitNamesTest {
  @Test
  void usualSpellings_areSplits() {
    for (String name :
        new String[] {"train", "Train", "TRAINING", "seg_train", "train_set", "trainImages"}) {
      assertThat(SplitNames.read(name).orElseThrow().split()).as(name).isEqualTo(Split.TRAIN);
      assertThat(SplitNames.read(name).orElseThrow().plain()).as(name).isTrue();
    }
    for (String name : new String[] {"val", "Valid", "validation", "dev", "eval"}) {
      assertThat(SplitNames.read(name).orElseThrow().split()).as(name).isEqualTo(Split.VALIDATION);
    }
    for (String name : new String[] {"test", "Testing", "TEST data", "testset"}) {
      assertThat(SplitNames.read(name).orElseThrow().split()).as(name).isEqualTo(Split.TEST);
    }
  }

  @Test
  void otherWords_areKept() {
    assertThat(SplitNames.read("val2017").orElseThrow().rest()).containsExactly("2017");
    assertThat(SplitNames.read("asl_alphabet_train").orElseThrow().rest())
        .containsExactly("asl", "alphabet");
  }

  @Test
  void classNames_areNoSplits() {
    for (String name : new String[] {"cat", "rain", "strain", "devil", "values", "train_test"}) {
      assertThat(SplitNames.read(name)).as(name).isEmpty();
    }
  }
}
