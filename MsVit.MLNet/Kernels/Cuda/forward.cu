// Forward: from currents, with an optional scale and shift per channel, to spikes, with an optional residual added.
template <int Lanes>
DEVICE void fire(const Pass& pass)
{
    long long first = ((long long)blockIdx.x * THREADS + threadIdx.x) * Lanes;
    if (first >= pass.lanes)
    {
        return;
    }
    // All loads come before the first store, because the compiler may not move a load across a store.
    Pack<Lanes> x[STEPS];
    load_steps(x, pass.x, pass.x_stride, first);
    Pack<Lanes> residual[STEPS];
    if (pass.residual)
    {
        load_steps(residual, pass.residual, pass.residual_stride, first);
    }
    unsigned channel = pass.shift ? (unsigned)(first % pass.channels) : 0;
    Membrane membrane(pass);
#pragma unroll
    for (int i = 0; i < Lanes; i++)
    {
        float v = membrane.rest;
        unsigned c = pass.shift ? (channel + i) % (unsigned)pass.channels : 0;
        float shift = pass.shift ? pass.shift[c] : 0;
        float scale = pass.scale ? pass.scale[c] : 1;
#pragma unroll
        for (int t = 0; t < STEPS; t++)
        {
            float current = x[t].lane[i].value();
            current = pass.scale ? current * scale + shift : pass.shift ? current + shift : current;
            float h = membrane.charge(v, current);
            float s = membrane.spike(h);
            v = membrane.reset(h, s);
            x[t].lane[i] = pass.residual ? STORAGE::of(residual[t].lane[i].value() + s)
                : COUNTS ? STORAGE::of(s)
                : s == 1 ? STORAGE::one() : STORAGE{0};
        }
    }
    store_steps(x, pass.result, pass.lanes, first);
}

extern "C" __global__ void fire_one(Pass pass) { fire<1>(pass); }
extern "C" __global__ void fire_wide(Pass pass) { fire<WIDE>(pass); }
