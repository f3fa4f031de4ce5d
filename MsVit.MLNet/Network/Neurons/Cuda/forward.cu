// Forward: currents in, spikes out.
template <int Lanes>
DEVICE void fire(const Pass& pass)
{
    long long first = ((long long)blockIdx.x * THREADS + threadIdx.x) * Lanes;
    if (first >= pass.lanes)
    {
        return;
    }
    // All loads go before the first store, which the compiler must not move them over.
    Pack<Lanes> x[STEPS];
#pragma unroll
    for (int t = 0; t < STEPS; t++)
    {
        x[t] = load<Lanes>(pass.x, t * pass.x_stride + first);
    }
    Membrane membrane(pass);
#pragma unroll
    for (int i = 0; i < Lanes; i++)
    {
        float v = membrane.rest;
#pragma unroll
        for (int t = 0; t < STEPS; t++)
        {
            float h = membrane.charge(v, x[t].lane[i].value());
            float s = membrane.spike(h);
            v = membrane.reset(h, s);
            x[t].lane[i] = s == 1 ? STORAGE::one() : STORAGE{0};
        }
    }
#pragma unroll
    for (int t = 0; t < STEPS; t++)
    {
        store<Lanes>(x[t], pass.result, t * pass.lanes + first);
    }
}

extern "C" __global__ void fire_one(Pass pass) { fire<1>(pass); }
extern "C" __global__ void fire_wide(Pass pass) { fire<WIDE>(pass); }
