package dev.lathe.evolution.front;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Non-dominated points in a tree of boxes, so that most of them need no comparison: ND-Tree of
 * Jaszkiewicz, Lust: ND-Tree-Based Update: A Fast Algorithm for the Dynamic Nondominance Problem,
 * 2018, arXiv:1603.04798.
 */
final class ParetoTree<E> {
  private static final int LEAF = 20;

  /** A point and what hangs on it. */
  record Leaf<E>(double[] costs, E entry) {}

  private final int objectives;
  private @Nullable Node<E> root;

  ParetoTree(int objectives) {
    this.objectives = objectives;
  }

  boolean covers(double[] costs) {
    return root != null && root.covers(costs);
  }

  /** Drops all points that the given one covers. */
  void removeCovered(double[] costs) {
    if (root != null && root.removeCovered(costs)) {
      root = null;
    }
  }

  void insert(double[] costs, E entry) {
    if (root == null) {
      root = new Node<>(objectives);
    }
    root.insert(new Leaf<>(costs, entry));
  }

  void collect(Collection<? super E> into) {
    if (root != null) {
      root.collect(into);
    }
  }

  private static final class Node<E> {
    /** Bounds of the points below; they may be wider than these after removals. */
    private final double[] low;

    private final double[] high;
    private List<Leaf<E>> leaves = new ArrayList<>(LEAF + 1);
    private List<Node<E>> children = List.of();

    Node(int objectives) {
      this.low = new double[objectives];
      this.high = new double[objectives];
      java.util.Arrays.fill(low, Double.POSITIVE_INFINITY);
      java.util.Arrays.fill(high, Double.NEGATIVE_INFINITY);
    }

    boolean covers(double[] costs) {
      if (!Dominance.covers(low, costs)) {
        return false;
      }
      for (Leaf<E> leaf : leaves) {
        if (Dominance.covers(leaf.costs, costs)) {
          return true;
        }
      }
      for (Node<E> child : children) {
        if (child.covers(costs)) {
          return true;
        }
      }
      return false;
    }

    /** Whether nothing is left of this node. */
    boolean removeCovered(double[] costs) {
      if (!Dominance.covers(costs, high)) {
        return false;
      }
      if (Dominance.covers(costs, low)) {
        return true;
      }
      if (children.isEmpty()) {
        leaves.removeIf(leaf -> Dominance.covers(costs, leaf.costs));
        return leaves.isEmpty();
      }
      children.removeIf(child -> child.removeCovered(costs));
      if (children.size() == 1) {
        adopt(children.getFirst());
      }
      return leaves.isEmpty() && children.isEmpty();
    }

    private void adopt(Node<E> only) {
      leaves = only.leaves;
      children = only.children;
      System.arraycopy(only.low, 0, low, 0, low.length);
      System.arraycopy(only.high, 0, high, 0, high.length);
    }

    void insert(Leaf<E> leaf) {
      for (int m = 0; m < low.length; m++) {
        low[m] = Math.min(low[m], leaf.costs[m]);
        high[m] = Math.max(high[m], leaf.costs[m]);
      }
      if (!children.isEmpty()) {
        nearest(leaf.costs).insert(leaf);
        return;
      }
      leaves.add(leaf);
      if (leaves.size() > LEAF) {
        split();
      }
    }

    private Node<E> nearest(double[] costs) {
      Node<E> nearest = children.getFirst();
      double distance = Double.POSITIVE_INFINITY;
      for (Node<E> child : children) {
        double square = 0;
        for (int m = 0; m < costs.length; m++) {
          double difference = costs[m] - 0.5 * (child.low[m] + child.high[m]);
          square += difference * difference;
        }
        if (square < distance) {
          distance = square;
          nearest = child;
        }
      }
      return nearest;
    }

    /** One child for each of a few points that lie far apart; the rest go to the nearest. */
    private void split() {
      List<Leaf<E>> rest = leaves;
      List<Node<E>> split = new ArrayList<>();
      List<Leaf<E>> seeds = rest;
      while (split.size() < low.length + 1) {
        Leaf<E> seed = rest.remove(farthest(rest, seeds));
        seeds = split.isEmpty() ? new ArrayList<>() : seeds;
        seeds.add(seed);
        Node<E> child = new Node<>(low.length);
        child.insert(seed);
        split.add(child);
      }
      leaves = List.of();
      children = split;
      for (Leaf<E> leaf : rest) {
        nearest(leaf.costs).insert(leaf);
      }
    }

    /** Place of the leaf with the largest sum of distances to others. */
    private static <E> int farthest(List<Leaf<E>> leaves, List<Leaf<E>> others) {
      int farthest = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < leaves.size(); i++) {
        double[] costs = leaves.get(i).costs;
        double sum = 0;
        for (Leaf<E> other : others) {
          double square = 0;
          for (int m = 0; m < costs.length; m++) {
            double difference = costs[m] - other.costs[m];
            square += difference * difference;
          }
          sum += Math.sqrt(square);
        }
        if (sum > most) {
          most = sum;
          farthest = i;
        }
      }
      return farthest;
    }

    void collect(Collection<? super E> into) {
      for (Leaf<E> leaf : leaves) {
        into.add(leaf.entry);
      }
      for (Node<E> child : children) {
        child.collect(into);
      }
    }
  }
}
