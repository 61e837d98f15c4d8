package dev.lathe.service;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Every route of the service, found in its compiled classes: none is forgotten. */
final class RestRoutes {
  private RestRoutes() {}

  /** The methods that answer requests. */
  static List<Method> methods() {
    return resources().stream()
        .flatMap(resource -> Arrays.stream(resource.getDeclaredMethods()))
        .filter(method -> httpMethod(method).isPresent())
        .toList();
  }

  static String verb(Method method) {
    return httpMethod(method).orElseThrow();
  }

  private static Optional<String> httpMethod(Method method) {
    return Arrays.stream(method.getAnnotations())
        .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
        .filter(verb -> verb != null)
        .map(HttpMethod::value)
        .findFirst();
  }

  private static List<Class<?>> resources() {
    try {
      java.nio.file.Path classes = java.nio.file.Path.of("target", "classes");
      try (Stream<java.nio.file.Path> files = Files.walk(classes)) {
        return files
            .map(file -> classes.relativize(file).toString())
            .filter(name -> name.endsWith(".class") && name.startsWith("dev/lathe/"))
            .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
            .<Class<?>>map(RestRoutes::load)
            .filter(type -> type.isAnnotationPresent(Path.class))
            .toList();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
