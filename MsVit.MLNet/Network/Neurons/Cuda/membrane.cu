// A layer of LIF or PLIF neurons over all time steps in one pass, operation for operation as EagerLif.cs has them: a thread
// takes one neuron, or four that lie side by side, through all steps, forward in time and, for gradients, back again.
//
// What is compiled in comes as macros (LifVariant.cs); --fmad=false keeps every product and sum an operation of its own.
// Nothing is included, so that NVRTC needs no headers. The tests compile the same text for the processor.
//
//   STEPS          T                          STORAGE        Float32, Float16 or BFloat16
//   SLOPE          a SurrogateFunction        DIVIDES        leak by y / tau instead of y * rate
//   DECAYS_INPUT   h = v + leak(x - (v - r))  SOFT_RESET     v = h - s threshold
//   DETACHES_RESET the reset is a constant    LEARNS         the rate is PLIF's sigmoid(w)
//   THREADS        threads in a block

// Laid out as LifPass.cs.
struct Pass
{
    const void* x;               // [STEPS, lanes]
    const void* spike_gradient;  // [STEPS, lanes]; backward alone
    void* result;                // [STEPS, lanes], dense: spikes, or the gradient of x
    const float* rate;           // PLIF's sigmoid(w); null for LIF
    double* sums;                // [blocks]: each block's part of the gradient of the rate; null where it is not wanted
    float* w_gradient;           // one number
    long long lanes;             // neurons
    long long x_stride;          // elements from one step to the next; 0 for a still image
    long long gradient_stride;
    long long blocks;
    float threshold, rest, leak; // leak: tau, or the rate where it is not learned
    float alpha, beta;
};

struct Membrane
{
    float threshold, rest, constant, alpha, beta;

    __device__ Membrane(const Pass& pass)
        : threshold(pass.threshold), rest(pass.rest), constant(LEARNS ? *pass.rate : pass.leak), alpha(pass.alpha), beta(pass.beta)
    {
    }
    __device__ float leak(float y) const { return DIVIDES ? y / constant : y * constant; }
    // What the leak is taken of.
    __device__ float drive(float v, float x) const { return DECAYS_INPUT ? x - (v - rest) : 0 - (v - rest); }
    __device__ float charge(float v, float x) const
    {
        float h = v + leak(drive(v, x));
        return DECAYS_INPUT ? h : h + x;
    }
    __device__ float spike(float h) const { return h - threshold >= 0 ? 1 : 0; }
    // Products and not choices: an infinite h leaves not-a-number behind.
    __device__ float reset(float h, float s) const { return SOFT_RESET ? h - s * threshold : h * (1 - s) + s * rest; }
    __device__ float slope(float h) const { return SLOPE_NAMED(SLOPE)(h - threshold, alpha, beta); }

    // The gradient of h[t] from those of s[t] and v[t].
    __device__ float gradient(float h, float of_spike, float of_v) const
    {
        float s = spike(h);
        float through_reset = DETACHES_RESET ? 0 : SOFT_RESET ? of_v * threshold : of_v * (h - rest);
        return (of_spike - through_reset) * slope(h) + (SOFT_RESET ? of_v : of_v * (1 - s));
    }
};
