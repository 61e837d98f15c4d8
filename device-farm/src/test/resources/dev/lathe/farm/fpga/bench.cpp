// Reads layers from standard input, runs each on the Verilated array, writes cycles and outputs.
#include <cstdio>
#include <cstdint>
#include "Vsystolic_array.h"
#include "Vsystolic_array___024root.h"

static int next_number() {
  int value = 0;
  if (scanf("%d", &value) != 1) value = 0;
  return value;
}

int main() {
  Vsystolic_array top;
  top.clock = 0;
  top.start = 0;
  top.eval();
  int layers = next_number();
  for (int layer = 0; layer < layers; layer++) {
    top.in_height = next_number();
    top.in_width = next_number();
    top.inputs_per_group = next_number();
    top.out_height = next_number();
    top.out_width = next_number();
    top.outputs_per_group = next_number();
    top.groups = next_number();
    top.window_height = next_number();
    top.window_width = next_number();
    top.stride_y = next_number();
    top.stride_x = next_number();
    top.dilation_y = next_number();
    top.dilation_x = next_number();
    top.pad_top = next_number();
    top.pad_left = next_number();
    top.shift = next_number();
    top.least = next_number();
    top.greatest = next_number();
    top.dma_bytes = next_number();
    top.bytes_per_cycle = next_number();
    int count = next_number();
    for (int i = 0; i < count; i++) top.rootp->systolic_array__DOT__activations[i] = next_number() & 0x1ff;
    count = next_number();
    for (int i = 0; i < count; i++) top.rootp->systolic_array__DOT__weights[i] = next_number() & 0xff;
    count = next_number();
    for (int i = 0; i < count; i++) top.rootp->systolic_array__DOT__biases[i] = next_number();
    top.start = 1;
    for (long tick = 0; tick < 100000000L; tick++) {
      top.clock = 1;
      top.eval();
      top.start = 0;
      if (top.done) break;
      top.clock = 0;
      top.eval();
    }
    int outputs = top.out_height * top.out_width * top.outputs_per_group * top.groups;
    printf("%u", top.cycles);
    for (int i = 0; i < outputs; i++)
      printf(" %d", (int32_t)top.rootp->systolic_array__DOT__outputs[i]);
    printf("\n");
    top.clock = 0;
    top.eval();
  }
  return 0;
}
