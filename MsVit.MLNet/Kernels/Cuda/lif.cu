// A layer of LIF or PLIF neurons over all time steps in one pass, operation for operation as in EagerLif.cs. A thread takes one
// neuron, or several adjacent ones, through all time steps: forward in time and, for gradients, back again. GLIF (glif.cu) has other
// equations and needs only STEPS, STORAGE, SLOPE, THREADS and WIDE.
//
// Compile-time constants are macros (LifVariant.cs). --fmad=false keeps products and sums separate operations. There are no
// includes, so NVRTC needs no headers. The tests compile the same source for the CPU.
//
//   STEPS          T                          STORAGE        Float32, Float16 or BFloat16
//   SLOPE          a SurrogateFunction        DIVIDES        leak by y / tau instead of y * rate
//   DECAYS_INPUT   h = v + leak(x - (v - r))  SOFT_RESET     v = h - s threshold
//   DETACHES_RESET the reset is a constant    LEARNS         the rate is PLIF's sigmoid(w)
//   COUNTS         integer neurons            THREADS        threads per block
//   WIDE           neurons per thread of the wide kernels

// Everything is inlined into the kernels: a remaining call would move the values of each time step from registers to memory.
#define DEVICE __device__ __forceinline__

// Laid out like LifPass in LifPass.cs.
struct Pass
{
    const void* x;               // [STEPS, lanes]
    const void* spike_gradient;  // [STEPS, lanes]; backward only
    void* result;                // [STEPS, lanes], dense: spikes, or the gradient of x
    const float* rate;           // PLIF's sigmoid(w); GLIF's gains and scalars, [STEPS + 5]; null for LIF
    double* sums;                // [blocks], GLIF [STEPS + 5, blocks]: each block's part of the gradient; null if it is not computed
    float* w_gradient;           // of w, or of GLIF's gains and scalars
    const float* shift;          // [channels]: added to x; null for none. Forward only
    const void* residual;        // [STEPS, lanes]: what the spikes are added to; null for none. Forward only
    const float* scale;          // [channels]: what x is multiplied by before the shift; null for 1. Forward only
    const float* norm_gamma;     // [channels]; this and what follows is for a batch norm in front of the neurons (normed.cu)
    const float* norm_beta;      // [channels]
    float* statistics;           // [4, channels]: mean, 1 / deviation, and the scale and shift that they give
    float* running_mean;         // [channels]; null to leave the running statistics alone
    float* running_variance;     // [channels]
    float* gamma_gradient;       // [channels]
    float* beta_gradient;        // [channels]
    long long lanes;             // neurons
    long long x_stride;          // elements from one step to the next; 0 for a still image
    long long gradient_stride;
    long long blocks;
    long long residual_stride;
    long long channels;          // the channels repeat over the lanes; only with shift or a norm
    long long groups, runs;      // how blocks share the channels and the rows; only with a norm
    double eps, momentum;        // the norm's
    float threshold, rest, leak; // leak: tau, or the rate if it is not learned; what an integer neuron keeps of its membrane
    float alpha, beta;
    float levels;                // the most spikes of an integer neuron in a time step
};
