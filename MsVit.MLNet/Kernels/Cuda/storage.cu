// Numbers as they are stored in memory, and their conversion from and to float, rounded to nearest, ties to even.
struct Float32
{
    float bits;
    DEVICE float value() const { return bits; }
    DEVICE static Float32 of(float value) { return {value}; }
    DEVICE static Float32 one() { return {1}; }
};

struct BFloat16
{
    unsigned short bits;
    DEVICE float value() const { return __uint_as_float((unsigned)bits << 16); }
    // Round to nearest, ties to even.
    DEVICE static BFloat16 of(float value)
    {
        unsigned u = __float_as_uint(value);
        return {(unsigned short)(value != value ? 0x7fc0u : (u + 0x7fffu + (u >> 16 & 1)) >> 16)};
    }
    DEVICE static BFloat16 one() { return {0x3f80}; }
};

struct Float16
{
    unsigned short bits;
    DEVICE float value() const
    {
        // The exponent's bias is larger by 112 in float32. A product converts subnormal numbers too.
        unsigned magnitude = __float_as_uint(__uint_as_float((bits & 0x7fffu) << 13) * 0x1p112f);
        unsigned endless = (bits & 0x7c00u) == 0x7c00u ? 0x7f800000u : 0;
        return __uint_as_float(magnitude | endless | (bits & 0x8000u) << 16);
    }
    DEVICE static Float16 of(float value)
    {
        unsigned u = __float_as_uint(value), sign = u >> 16 & 0x8000u, magnitude = u & 0x7fffffffu;
        unsigned rounded = magnitude > 0x7f800000u ? 0x7e00u                                   // NaN
            : magnitude >= 0x477ff000u ? 0x7c00u                                               // 65520 and above: infinite
            : magnitude < 0x38800000u ? __float_as_uint(__uint_as_float(magnitude) + 0.5f) - 0x3f000000u  // subnormal
            : (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1)) >> 13;
        return {(unsigned short)(sign | rounded)};
    }
    DEVICE static Float16 one() { return {0x3c00}; }
};

// Adjacent neurons, loaded and stored as one word.
template <int Lanes>
struct alignas(sizeof(STORAGE) * Lanes) Pack
{
    STORAGE lane[Lanes];
};

template <int Lanes>
DEVICE Pack<Lanes> load(const void* from, long long element)
{
    return *(const Pack<Lanes>*)((const STORAGE*)from + element);
}

template <int Lanes>
DEVICE void store(Pack<Lanes> pack, void* to, long long element)
{
    *(Pack<Lanes>*)((STORAGE*)to + element) = pack;
}

// All time steps of adjacent neurons, whose rows are stride elements apart.
template <int Lanes>
DEVICE void load_steps(Pack<Lanes> (&steps)[STEPS], const void* from, long long stride, long long first)
{
#pragma unroll
    for (int t = 0; t < STEPS; t++)
    {
        steps[t] = load<Lanes>(from, t * stride + first);
    }
}

template <int Lanes>
DEVICE void store_steps(const Pack<Lanes> (&steps)[STEPS], void* to, long long stride, long long first)
{
#pragma unroll
    for (int t = 0; t < STEPS; t++)
    {
        store<Lanes>(steps[t], to, t * stride + first);
    }
}

// The time steps of one of these neurons.
template <int Lanes>
DEVICE void take(const Pack<Lanes> (&steps)[STEPS], int lane, float (&values)[STEPS])
{
#pragma unroll
    for (int t = 0; t < STEPS; t++)
    {
        values[t] = steps[t].lane[lane].value();
    }
}

template <int Lanes>
DEVICE void put(Pack<Lanes> (&steps)[STEPS], int lane, const float (&values)[STEPS])
{
#pragma unroll
    for (int t = 0; t < STEPS; t++)
    {
        steps[t].lane[lane] = STORAGE::of(values[t]);
    }
}
