package dev.lathe.runs.stages;

import dev.lathe.runs.SearchRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The forms of a run: those that are asked for, but for those that gain nothing. What was dropped
 * is noted once and holds after a restart.
 */
record FormChoice(List<Form> asked, Facts facts) {
  private static final String DROPPED = "forms.dropped";

  FormChoice {
    asked = List.copyOf(asked);
  }

  static FormChoice of(SearchRequest request, Facts facts) {
    List<Form> forms = request.forms().stream().map(Form::of).toList();
    return new FormChoice(forms.isEmpty() ? Form.USUAL : forms, facts);
  }

  List<Form> active() {
    Map<String, String> dropped = dropped();
    return asked.stream().filter(form -> !dropped.containsKey(form.name())).toList();
  }

  /** Why forms were dropped, by name. */
  @SuppressWarnings("unchecked")
  Map<String, String> dropped() {
    return facts.get(DROPPED, LinkedHashMap.class).orElseGet(LinkedHashMap::new);
  }

  void drop(Map<String, String> reasons) {
    Map<String, String> all = dropped();
    all.putAll(reasons);
    facts.put(DROPPED, all);
  }
}
