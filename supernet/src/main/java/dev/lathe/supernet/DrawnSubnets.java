package dev.lathe.supernet;

import dev.lathe.graph.Subnet;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Compiles the subnets of each step; one that comes again in the next step is kept. */
final class DrawnSubnets implements Curriculum {
  private final Drawing drawing;
  private Map<Subnet, Network> compiled = new IdentityHashMap<>();

  DrawnSubnets(Drawing drawing) {
    this.drawing = drawing;
  }

  @Override
  public List<Pupil> at(long step) {
    List<Subnet> drawn = drawing.at(step);
    Map<Subnet, Network> now = new IdentityHashMap<>();
    List<Pupil> pupils = new ArrayList<>();
    for (Subnet subnet : drawn) {
      Network known = compiled.remove(subnet);
      Network network = now.computeIfAbsent(subnet, s -> known == null ? Network.of(s) : known);
      pupils.add(pupils.isEmpty() ? Pupil.ofLabels(network) : Pupil.ofFirst(network));
    }
    close();
    compiled = now;
    return pupils;
  }

  @Override
  public void close() {
    compiled.values().forEach(Network::close);
    compiled.clear();
  }
}
