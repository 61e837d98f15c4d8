package dev.lathe.evolution;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A method whose settings are the components of a record.
 *
 * @param standard the method as by default
 * @param explained what each component means
 */
record RecordMethod<M extends Record & SearchMethod>(
    M standard, String description, Map<String, String> explained) implements SearchMethodProvider {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);

  @Override
  public String name() {
    return standard.name();
  }

  @Override
  public List<MethodSetting> settings() {
    ObjectNode values = JSON.valueToTree(standard);
    List<MethodSetting> settings = new ArrayList<>();
    for (var component : standard.getClass().getRecordComponents()) {
      String name = component.getName();
      settings.add(
          new MethodSetting(
              name,
              JSON.convertValue(values.get(name), Object.class),
              explained.getOrDefault(name, "")));
    }
    return settings;
  }

  @Override
  @SuppressWarnings("unchecked")
  public M with(Map<String, ?> wanted) {
    ObjectNode values = JSON.valueToTree(standard);
    wanted.forEach(
        (name, value) -> {
          var known = values.get(name);
          if (known == null) {
            throw new IllegalArgumentException(
                "method '%s' has no setting '%s'. Maybe one of %s."
                    .formatted(
                        name(),
                        name,
                        Arrays.stream(standard.getClass().getRecordComponents())
                            .map(component -> component.getName())
                            .toList()));
          }
          boolean whole = value instanceof Integer || value instanceof Long;
          if (known.isIntegralNumber() ? !whole : !(value instanceof Number)) {
            throw new IllegalArgumentException(
                "setting '%s' of method '%s' is %s, must be a %s."
                    .formatted(
                        name, name(), value, known.isIntegralNumber() ? "whole number" : "number"));
          }
          values.set(name, JSON.valueToTree(value));
        });
    try {
      return (M) JSON.treeToValue(values, standard.getClass());
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(
          e.getCause() == null ? e.getOriginalMessage() : e.getCause().getMessage(), e);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }
}
