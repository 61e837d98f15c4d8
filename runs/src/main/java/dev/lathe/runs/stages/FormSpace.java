package dev.lathe.runs.stages;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.policy.JointSpace;
import dev.lathe.space.policy.Policy;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The networks of a space, each in one of some forms: one more gene where there are several forms,
 * the space itself where there is one.
 */
final class FormSpace {
  /** Name of the gene. */
  static final String GENE = "form";

  private final SearchSpace base;
  private final List<Form> forms;
  private final SearchSpace joint;

  FormSpace(SearchSpace base, List<Form> forms) {
    this.base = base;
    this.forms = List.copyOf(forms);
    this.joint =
        forms.size() == 1
            ? base
            : new JointSpace(
                base.name(),
                base,
                new Policy(
                    List.of(new Gene(GENE, forms.stream().map(Form::name).toList())),
                    _ -> Set.of(GENE)));
  }

  /** What is searched. */
  SearchSpace joint() {
    return joint;
  }

  /** The network alone, an architecture of the base. */
  Architecture network(Architecture architecture) {
    return joint instanceof JointSpace space ? space.base(architecture) : architecture;
  }

  /** A network in a form. */
  Architecture joined(Architecture network, Form form) {
    if (forms.size() == 1) {
      return network;
    }
    int[] choices = Arrays.copyOf(network.toArray(), network.size() + 1);
    choices[network.size()] = forms.indexOf(form);
    return Architecture.of(choices);
  }

  Form form(Architecture architecture) {
    return forms.size() == 1
        ? forms.getFirst()
        : forms.get(architecture.choice(base.genes().size()));
  }
}
