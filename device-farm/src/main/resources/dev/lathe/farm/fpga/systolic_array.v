// An output-stationary systolic array of 8-bit integers that computes one layer of products: a
// convolution, or a matrix product as one of 1 x 1. Inputs move right, weights move down, each
// element keeps one sum of 32 bits. It is what the back end 'fpga' simulates, to the bit and to the
// cycle. Addresses are computed by division for clarity; a design for a board would count instead.
//
// A tile of rows_used x columns_used elements takes 1 cycle to fill the sums with biases,
// terms + rows_used + columns_used - 2 cycles of products, and rows_used cycles to write. Moving
// dma_bytes at bytes_per_cycle overlaps with all of it.
module systolic_array #(
    parameter ROWS = 4,
    parameter COLUMNS = 4,
    parameter ACTIVATIONS = 65536,
    parameter WEIGHTS = 65536,
    parameter BIASES = 4096
) (
    input wire clock,
    input wire start,
    input wire [31:0] in_height,
    input wire [31:0] in_width,
    input wire [31:0] inputs_per_group,
    input wire [31:0] out_height,
    input wire [31:0] out_width,
    input wire [31:0] outputs_per_group,
    input wire [31:0] groups,
    input wire [31:0] window_height,
    input wire [31:0] window_width,
    input wire [31:0] stride_y,
    input wire [31:0] stride_x,
    input wire [31:0] dilation_y,
    input wire [31:0] dilation_x,
    input wire [31:0] pad_top,
    input wire [31:0] pad_left,
    input wire signed [31:0] shift,
    input wire signed [31:0] least,
    input wire signed [31:0] greatest,
    input wire [31:0] dma_bytes,
    input wire [31:0] bytes_per_cycle,
    output reg done,
    output reg [31:0] cycles
);
  // Nine bits hold signed and unsigned activations of eight alike.
  reg signed [8:0] activations[0:ACTIVATIONS-1]  /*verilator public_flat_rw*/;
  reg signed [7:0] weights[0:WEIGHTS-1]  /*verilator public_flat_rw*/;
  reg signed [31:0] biases[0:BIASES-1]  /*verilator public_flat_rw*/;
  reg signed [31:0] outputs[0:ACTIVATIONS-1]  /*verilator public_flat_rw*/;

  localparam IDLE = 0, FILL = 1, PRODUCTS = 2, WRITE = 3, MOVE = 4;
  reg [2:0] state = IDLE;

  reg signed [31:0] sums[0:ROWS*COLUMNS-1];
  reg signed [8:0] right[0:ROWS*COLUMNS-1];
  reg signed [7:0] down[0:ROWS*COLUMNS-1];

  reg [31:0] group, first_output, first_pixel, step, row;
  reg [31:0] moved;

  wire [31:0] terms = inputs_per_group * window_height * window_width;
  wire [31:0] pixels = out_height * out_width;
  wire [31:0] rows_used = pixels - first_pixel < ROWS ? pixels - first_pixel : ROWS;
  wire [31:0] columns_used =
      outputs_per_group - first_output < COLUMNS ? outputs_per_group - first_output : COLUMNS;

  // The activation that a row takes in a step; 0 before its first term and after its last.
  function signed [8:0] activation(input [31:0] of_row, input [31:0] at_step);
    reg [31:0] term, pixel, channel, place;
    reg signed [31:0] y, x;
    begin
      activation = 0;
      if (at_step >= of_row && at_step - of_row < terms && of_row < rows_used) begin
        term = at_step - of_row;
        pixel = first_pixel + of_row;
        channel = term / (window_height * window_width);
        place = term % (window_height * window_width);
        y = pixel / out_width * stride_y + place / window_width * dilation_y - pad_top;
        x = pixel % out_width * stride_x + place % window_width * dilation_x - pad_left;
        if (y >= 0 && y < $signed(in_height) && x >= 0 && x < $signed(in_width))
          activation = activations[((group*inputs_per_group+channel)*in_height+y)*in_width+x];
      end
    end
  endfunction

  function signed [7:0] weight(input [31:0] of_column, input [31:0] at_step);
    begin
      weight = 0;
      if (at_step >= of_column && at_step - of_column < terms && of_column < columns_used)
        weight =
            weights[(group*outputs_per_group+first_output+of_column)*terms+at_step-of_column];
    end
  endfunction

  // sum / 2^shift, to the nearest, halves to even, then clamped.
  function signed [31:0] written(input signed [31:0] sum);
    reg signed [63:0] wide, floor, rest, low, high;
    begin
      wide = sum;
      low = least;
      high = greatest;
      if (shift <= 0) floor = wide <<< -shift;
      else begin
        floor = wide >>> shift;
        rest = wide - (floor <<< shift);
        if (rest > (64'sd1 <<< (shift - 1)) || (rest == (64'sd1 <<< (shift - 1)) && floor[0]))
          floor = floor + 1;
      end
      if (floor < low) written = least;
      else if (floor > high) written = greatest;
      else written = floor[31:0];
    end
  endfunction

  integer r, c;
  reg last_tile;
  reg signed [8:0] a;
  reg signed [7:0] w;

  always @(posedge clock) begin
    done <= 0;
    if (state != IDLE) begin
      cycles <= cycles + 1;
      moved <= moved + bytes_per_cycle;
    end
    case (state)
      IDLE:
      if (start) begin
        cycles <= 0;
        moved <= 0;
        group <= 0;
        first_output <= 0;
        first_pixel <= 0;
        state <= FILL;
      end
      FILL: begin
        for (r = 0; r < ROWS; r = r + 1)
        for (c = 0; c < COLUMNS; c = c + 1) begin
          right[r*COLUMNS+c] <= 0;
          down[r*COLUMNS+c] <= 0;
          sums[r*COLUMNS+c] <= c < columns_used
              ? biases[group*outputs_per_group+first_output+c] : 0;
        end
        step <= 0;
        state <= PRODUCTS;
      end
      PRODUCTS: begin
        for (r = 0; r < ROWS; r = r + 1)
        for (c = 0; c < COLUMNS; c = c + 1) begin
          a = c == 0 ? activation(r, step) : right[r*COLUMNS+c-1];
          w = r == 0 ? weight(c, step) : down[(r-1)*COLUMNS+c];
          right[r*COLUMNS+c] <= a;
          down[r*COLUMNS+c] <= w;
          sums[r*COLUMNS+c] <= sums[r*COLUMNS+c] + a * w;
        end
        step <= step + 1;
        row <= 0;
        if (step + 3 == terms + rows_used + columns_used) state <= WRITE;
      end
      WRITE: begin
        for (c = 0; c < COLUMNS; c = c + 1)
        if (c < columns_used)
          outputs[(group*outputs_per_group+first_output+c)*pixels+first_pixel+row] <=
              written(sums[row*COLUMNS+c]);
        row <= row + 1;
        if (row + 1 == rows_used) begin
          last_tile = 0;
          if (first_pixel + ROWS < pixels) first_pixel <= first_pixel + ROWS;
          else begin
            first_pixel <= 0;
            if (first_output + COLUMNS < outputs_per_group)
              first_output <= first_output + COLUMNS;
            else begin
              first_output <= 0;
              if (group + 1 < groups) group <= group + 1;
              else last_tile = 1;
            end
          end
          if (!last_tile) state <= FILL;
          else if (moved + bytes_per_cycle >= dma_bytes) begin
            done <= 1;
            state <= IDLE;
          end else state <= MOVE;
        end
      end
      MOVE:
      if (moved + bytes_per_cycle >= dma_bytes) begin
        done <= 1;
        state <= IDLE;
      end
      default: state <= IDLE;
    endcase
  end
endmodule
