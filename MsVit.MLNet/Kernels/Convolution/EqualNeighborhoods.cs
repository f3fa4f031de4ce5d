using System.Numerics;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>Makes the outputs of pixels with equal 3 x 3 neighborhoods in one image bit-identical.</summary>
/// <remarks>
/// The rounding of Winograd's outputs depends on their position in the tile. In flat parts of an image, outputs that should be equal then
/// differ, and a max-pool picks another pixel than the first one, which gets the gradient by definition. So all pixels with equal
/// neighborhoods take the output of the first one in reading order. Neighborhoods are compared by 64-bit hashes of their bits: among the
/// 1,024 pixels of an image, two different neighborhoods share a hash once in 10^13 images.
/// </remarks>
internal static unsafe class EqualNeighborhoods
{
    // Bytes hashed at a time: the two factors of a product.
    private const int Pair = 2 * sizeof(ulong);

    // Arbitrary odd numbers.
    private const ulong FirstKey = 0x9E6C63D0876A46A5, SecondKey = 0xC2B2AE1F7A5D4C3B, KeyStep = 0xD1B54A32D192ED03;
    private const ulong Left = 0xA24BAED4963EE407, Center = 0x8CB92BA72F3D8DD7, Right = 0xDB4F0B9175AE2165;
    private const ulong Above = 0xE7037ED1A0B428DB, Level = 0xB5297A4D3F84D5A3, Below = 0x94D049BB133111EB;

    /// <summary>Changes the outputs in place.</summary>
    /// <param name="x">The inputs [B, Cin, H, W] of any type, dense and channels last in memory. The size of a pixel is a multiple of
    /// 16 bytes.</param>
    /// <param name="y">The outputs [B, Cout, H, W], likewise.</param>
    public static void Unify(Tensor x, Tensor y)
    {
        var (height, width) = ((int)x.shape[2], (int)x.shape[3]);
        var (input, output) = ((int)(x.shape[1] * x.element_size()), (int)(y.shape[1] * y.element_size()));
        var (source, target) = (TensorAddress.Of(x), TensorAddress.Of(y));
        RowRanges.Over(x.shape[0], x.numel() / x.shape[0], (from, to) =>
        {
            using var memory = PooledTensor.Empty([Scratch(height, width) / sizeof(ulong)], int64);
            var hashes = (ulong*)TensorAddress.Of(memory);
            for (var image = (nint)from; image < to; image++)
            {
                var end = Hash((byte*)source + image * height * width * input, input, height, width, hashes);
                var firsts = new Span<int>(end, (int)TableSize((long)height * width));
                CopyFirsts(end - (nint)height * width, height * width, firsts, (byte*)target + image * height * width * output, output);
            }
            GC.KeepAlive(memory);
        });
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>Bytes of scratch memory per thread for an image size.</summary>
    public static long Scratch(long height, long width) =>
        sizeof(ulong) * (width + 2 + ((height + 2) * width) + (height * width)) + sizeof(int) * TableSize(height * width);

    // A power of two that leaves at least half of the table empty.
    private static long TableSize(long pixels) => (long)BitOperations.RoundUpToPowerOf2((ulong)(2 * pixels));

    // Hashes pixels, then three adjacent pixels, then three such rows. The hashes of the neighborhoods come last; returns their end.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong* Hash(byte* image, int size, int height, int width, ulong* hashes)
    {
        var pixels = hashes;
        var rows = pixels + width + 2;
        var neighborhoods = rows + (nint)(height + 2) * width;
        var outside = Hash(null, size);
        new Span<ulong>(pixels, width + 2).Fill(outside);
        for (var i = -1; i <= height; i++)
        {
            for (var j = 0; j < width; j++)
            {
                pixels[j + 1] = i < 0 || i == height ? outside : Hash(image + ((nint)i * width + j) * size, size);
            }
            var row = rows + (nint)(i + 1) * width;
            for (var j = 0; j < width; j++)
            {
                row[j] = pixels[j] * Left + pixels[j + 1] * Center + pixels[j + 2] * Right;
            }
        }
        for (nint i = 0; i < (nint)height * width; i++)
        {
            neighborhoods[i] = rows[i] * Above + rows[i + width] * Level + rows[i + 2 * width] * Below;
        }
        return neighborhoods + (nint)height * width;
    }

    // A null pixel, outside the image, is all zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(byte* pixel, int size)
    {
        var (sum, first, second) = (0UL, FirstKey, SecondKey);
        for (var i = 0; i < size; i += Pair)
        {
            var (a, b) = pixel == null ? (0, 0) : (*(ulong*)(pixel + i), *(ulong*)(pixel + i + sizeof(ulong)));
            var high = Math.BigMul(a ^ first, b ^ second, out var low);
            sum += high ^ low;
            (first, second) = (first + KeyStep, second - KeyStep);
        }
        return sum;
    }

    // A hash table with linear probing. It holds the first pixel of each neighborhood, counted from 1; 0 is an empty slot.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyFirsts(ulong* hashes, int pixels, Span<int> firsts, byte* outputs, int size)
    {
        firsts.Clear();
        var shift = 64 - BitOperations.Log2((uint)firsts.Length);
        for (var i = 0; i < pixels; i++)
        {
            var slot = (int)(hashes[i] * KeyStep >> shift);
            while (firsts[slot] != 0 && hashes[firsts[slot] - 1] != hashes[i])
            {
                slot = (slot + 1) & (firsts.Length - 1);
            }
            if (firsts[slot] == 0)
            {
                firsts[slot] = i + 1;
                continue;
            }
            var source = new ReadOnlySpan<byte>(outputs + (nint)(firsts[slot] - 1) * size, size);
            var target = new Span<byte>(outputs + (nint)i * size, size);
            // Most outputs are equal already, and reading costs less than writing.
            if (!source.SequenceEqual(target))
            {
                source.CopyTo(target);
            }
        }
    }
}
