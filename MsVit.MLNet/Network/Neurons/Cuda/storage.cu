// How a number is kept in memory: the value of its bits, and the bits of a value to the nearest, ties to even.
struct Float32
{
    float bits;
    __device__ float value() const { return bits; }
    __device__ static Float32 of(float value) { return {value}; }
};

struct BFloat16
{
    unsigned short bits;
    __device__ float value() const { return __uint_as_float((unsigned)bits << 16); }
    // To the nearest, ties to even.
    __device__ static BFloat16 of(float value)
    {
        unsigned u = __float_as_uint(value);
        return {(unsigned short)(value != value ? 0x7fc0u : (u + 0x7fffu + (u >> 16 & 1)) >> 16)};
    }
};

struct Float16
{
    unsigned short bits;
    __device__ float value() const
    {
        // The exponent's bias is larger by 112 in float32; a product moves subnormal numbers too.
        unsigned magnitude = (bits & 0x7fffu) << 13;
        float scaled = (bits & 0x7c00u) == 0x7c00u ? __uint_as_float(magnitude | 0x7f800000u) : __uint_as_float(magnitude) * 0x1p112f;
        return __uint_as_float(__float_as_uint(scaled) | (bits & 0x8000u) << 16);
    }
    __device__ static Float16 of(float value)
    {
        unsigned u = __float_as_uint(value), sign = u >> 16 & 0x8000u, magnitude = u & 0x7fffffffu;
        unsigned rounded = magnitude > 0x7f800000u ? 0x7e00u                                   // not a number
            : magnitude >= 0x477ff000u ? 0x7c00u                                               // 65520 and more: infinite
            : magnitude < 0x38800000u ? __float_as_uint(__uint_as_float(magnitude) + 0.5f) - 0x3f000000u  // subnormal
            : (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1)) >> 13;
        return {(unsigned short)(sign | rounded)};
    }
};

// Neurons side by side, moved as one word.
template <int Lanes>
struct alignas(sizeof(STORAGE) * Lanes) Pack
{
    STORAGE lane[Lanes];
};

template <int Lanes>
__device__ Pack<Lanes> load(const void* from, long long element)
{
    return *(const Pack<Lanes>*)((const STORAGE*)from + element);
}

template <int Lanes>
__device__ void store(Pack<Lanes> pack, void* to, long long element)
{
    *(Pack<Lanes>*)((STORAGE*)to + element) = pack;
}
