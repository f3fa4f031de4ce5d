// A layer of LIF or PLIF neurons over all time steps in one pass, operation for operation as EagerLif.cs has them: a thread
// takes one neuron, or some that lie side by side, through all steps, forward in time and, for gradients, back again.
//
// What is compiled in comes as macros (LifVariant.cs); --fmad=false keeps every product and sum an operation of its own.
// Nothing is included, so that NVRTC needs no headers. The tests compile the same text for the processor.
//
//   STEPS          T                          STORAGE        Float32, Float16 or BFloat16
//   SLOPE          a SurrogateFunction        DIVIDES        leak by y / tau instead of y * rate
//   DECAYS_INPUT   h = v + leak(x - (v - r))  SOFT_RESET     v = h - s threshold
//   DETACHES_RESET the reset is a constant    LEARNS         the rate is PLIF's sigmoid(w)
//   THREADS        threads in a block         WIDE           neurons that a thread of the wide kernels takes

// All is inlined into the kernels: where a call remains, what is kept for each time step lies in memory and not in registers.
#define DEVICE __device__ __forceinline__

// Laid out as LifPass.cs.
struct Pass
{
    const void* x;               // [STEPS, lanes]
    const void* spike_gradient;  // [STEPS, lanes]; backward alone
    void* result;                // [STEPS, lanes], dense: spikes, or the gradient of x
    const float* rate;           // PLIF's sigmoid(w); null for LIF
    double* sums;                // [blocks]: each block's part of the gradient of the rate; null where it is not wanted
    float* w_gradient;           // one number
    const float* shift;          // [channels]: what the currents still lack; null where nothing. Forward alone
    const void* onto;            // [STEPS, lanes]: what the spikes are added to; null where nothing. Forward alone
    long long lanes;             // neurons
    long long x_stride;          // elements from one step to the next; 0 for a still image
    long long gradient_stride;
    long long blocks;
    long long onto_stride;
    long long channels;          // side by side in memory, over and over; with shift alone
    float threshold, rest, leak; // leak: tau, or the rate where it is not learned
    float alpha, beta;
};
