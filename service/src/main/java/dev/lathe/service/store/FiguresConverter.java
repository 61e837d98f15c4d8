package dev.lathe.service.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.Map;

/** Figures by the names of their metrics, as a JSON object. */
@Converter
public class FiguresConverter implements AttributeConverter<Map<String, Double>, String> {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<Map<String, Double>> TYPE = new TypeReference<>() {};

  @Override
  public String convertToDatabaseColumn(Map<String, Double> figures) {
    try {
      return JSON.writeValueAsString(figures);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("figures cannot be written as JSON", e);
    }
  }

  @Override
  public Map<String, Double> convertToEntityAttribute(String column) {
    try {
      return JSON.readValue(column, TYPE);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored figures are no JSON object: " + column, e);
    }
  }
}
